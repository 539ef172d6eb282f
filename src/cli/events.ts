/** `events`: the journal, and with `--follow` what happens as it happens. */

import type { EventPage } from '../../actors/ports.ts';
import type { MonitorEvent } from '../../machines/vocabulary.ts';
import { type Tools, timeOf } from './agents.ts';
import type { Message } from './api.ts';
import { Failure, Refused } from './failure.ts';
import { jsonText, table } from './terminal.ts';

export interface EventsOptions {
  follow?: boolean;
  session?: string;
  event?: string;
  after?: number;
  limit: number;
  json?: boolean;
}

export interface FollowTools extends Tools {
  delay(ms: number): Promise<void>;
}

export const events = async (
  tools: FollowTools,
  { follow, json, limit, ...filter }: EventsOptions,
): Promise<void> => {
  const tell = (event: MonitorEvent) =>
    tools.terminal.out(json ? `${jsonText(event)}\n` : lineOf(event));
  if (follow) return followFrom(tools, filter, tell);
  const query = queryOf({ ...filter, limit });
  const page = await tools.api.get<EventPage>(`/api/events?${query}`, 'events');
  if (page.reset) tools.terminal.err('agent-monitor: older events are no longer kept');
  for (const event of page.events) await tell(event);
  if (page.next !== null) {
    tools.terminal.err(`agent-monitor: there are more: go on with --after ${page.next}`);
  }
};

const RETRY_MS = 1_000;

/** For ever: a monitor that was restarted is taken up again where it stopped telling. */
const followFrom = async (
  { api, terminal, delay }: FollowTools,
  filter: { session?: string; event?: string; after?: number },
  tell: (event: MonitorEvent) => Promise<void>,
): Promise<void> => {
  const path = `/api/events/stream?${queryOf(filter)}`;
  let lastId: string | null = null;
  let connection: 'first' | 'open' | 'lost' = 'first';
  const hear = async ({ event, id, data }: Message) => {
    if (connection === 'lost') terminal.err('agent-monitor: it answers again');
    connection = 'open';
    if (id !== '') lastId = id;
    if (event === 'reset') terminal.err('agent-monitor: older events are no longer kept');
    else if (data !== '') await tell(JSON.parse(data) as MonitorEvent);
  };
  for (;;) {
    try {
      await api.stream(path, lastId, hear);
    } catch (error) {
      // The first time it must work; later a monitor that is being restarted is waited for.
      const isLasting = !(error instanceof Failure) || error instanceof Refused;
      if (isLasting || (connection as string) === 'first') throw error;
    }
    if ((connection as string) !== 'lost')
      terminal.err('agent-monitor: the monitor ended the stream; waiting for it');
    connection = 'lost';
    await delay(RETRY_MS);
  }
};

const queryOf = (filter: object): string =>
  new URLSearchParams(
    Object.entries(filter).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();

/** One line: when, whose, what, and what the event says about it. */
const lineOf = (event: MonitorEvent): string =>
  table([[timeOf(event.timestamp), event.session || '-', event.event, detailOf(event)]]);

const detailOf = (event: MonitorEvent): string => {
  const { prevState, state, reason, progress, dialog, attention, command, error } = event;
  const question = (dialog as { question?: string } | null | undefined)?.question;
  const parts = [
    state === undefined ? undefined : `${prevState ?? '-'} > ${state}`,
    event.event === 'progress' ? `${progress}%` : undefined,
    attention === undefined || attention === 'none' ? undefined : `wants ${attention}`,
    question,
    command === undefined ? undefined : JSON.stringify(command),
    reason,
    error,
  ];
  return parts.filter((part) => typeof part === 'string' && part !== '').join('  ');
};
