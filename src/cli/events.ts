/** `events`: the journal, and with `--follow` what happens as it happens. */

import type { EventName, MonitorEvent } from '../../machines/vocabulary.ts';
import type { Following } from '../client.ts';
import { type Tools, timeOf } from './agents.ts';
import { jsonText, table } from './terminal.ts';

export interface EventsOptions {
  follow?: boolean;
  session?: string;
  event?: EventName;
  after?: number;
  limit: number;
  json?: boolean;
}

export const events = async (
  tools: Tools,
  { follow, json, limit, ...filter }: EventsOptions,
): Promise<void> => {
  const tell = (event: MonitorEvent) =>
    tools.terminal.out(json ? `${jsonText(event)}\n` : lineOf(event));
  if (follow) return followFrom(tools, filter, tell);
  const page = await tools.api.listEvents({ ...filter, limit });
  if (page.reset) tools.terminal.err('agent-monitor: older events are no longer kept');
  for (const event of page.events) await tell(event);
  if (page.next !== null) {
    tools.terminal.err(`agent-monitor: there are more: go on with --after ${page.next}`);
  }
};

/** For ever: a monitor that was restarted is taken up again where it stopped telling. */
const followFrom = async (
  { api, terminal }: Tools,
  from: Following,
  tell: (event: MonitorEvent) => Promise<void>,
): Promise<void> => {
  for await (const heard of api.follow(from)) {
    if (heard.type === 'event') await tell(heard.event);
    else terminal.err(`agent-monitor: ${TOLD[heard.type]}`);
  }
};

const TOLD = {
  reset: 'older events are no longer kept',
  lost: 'the monitor ended the stream; waiting for it',
  back: 'it answers again',
};

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
