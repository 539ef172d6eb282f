/** What is said over a WebSocket: one JSON object a message, told apart by `type`. */

import { z } from 'zod';
import type { Screen } from '../../actors/ports.ts';
import type { Agent, MonitorEvent } from '../../machines/vocabulary.ts';
import { oneOf, sessionName, wholeNumber } from './fields.ts';

const MOST_SESSIONS = 1000;
const epoch = z.string({ error: 'must be a text' }).max(100).exactOptional();
const seq = z.int({ error: 'must be a whole number' }).min(0).exactOptional();

const subscribe = z.strictObject({
  type: z.literal('subscribe'),
  /** Events of these only; of all where it is left out. */
  sessions: z.array(sessionName).max(MOST_SESSIONS).exactOptional(),
  /** Tells again what came after this event, of this epoch. */
  after: seq,
  epoch,
});
const ping = z.strictObject({ type: z.literal('ping') });
/** Begins, or ends, to tell what the session's pane shows. */
const terminal = z.strictObject({ type: z.literal('terminal'), session: sessionName });
const terminalEnd = z.strictObject({ type: z.literal('terminal_end'), session: sessionName });

const BY_TYPE = { subscribe, ping, terminal, terminal_end: terminalEnd } as const;
const TYPES = [
  'subscribe',
  'ping',
  'terminal',
  'terminal_end',
] as const satisfies (keyof typeof BY_TYPE)[];

/** What a client may say; its `type` alone, before the rest is looked at. */
export const messageType = z.looseObject({ type: oneOf(TYPES) });
export const messageOf = (type: keyof typeof BY_TYPE) => BY_TYPE[type];
export type ClientMessage = z.infer<(typeof BY_TYPE)[keyof typeof BY_TYPE]>;

/** What may stand behind `/ws?`: where to go on, without a snapshot. */
export const socketQuery = z.strictObject({
  after: wholeNumber(0, Number.MAX_SAFE_INTEGER).exactOptional(),
  epoch,
});

export type ServerMessage =
  | { type: 'connected'; version: string; epoch: string; seq: number }
  /** All agents that were asked for, as they are after the event `seq`. */
  | { type: 'snapshot'; epoch: string; seq: number; agents: Agent[] }
  | ({ type: 'event' } & MonitorEvent)
  /** There is no going on from what was told before: a snapshot follows. */
  | { type: 'reset'; epoch: string; seq: number }
  | { type: 'subscribed'; sessions: readonly string[] | null; after: number }
  | { type: 'pong' }
  | ({ type: 'terminal'; session: string } & Screen)
  /** `rows`: those that changed, by their number from the top. */
  | ({ type: 'terminal_changed'; session: string; rows: Record<number, string> } & Pick<
      Screen,
      'cursor' | 'title'
    >)
  | { type: 'terminal_gone'; session: string; reason: string }
  | { type: 'error'; code: string; detail: string };
