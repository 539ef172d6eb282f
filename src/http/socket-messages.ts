/** What is said over a WebSocket: one JSON object a message, told apart by `type`. */

import { z } from 'zod';
import type { MonitorEvent } from '../../machines/vocabulary.ts';

import { damagedEvent, EVENT_SCHEMAS } from './event-schemas.ts';
import { count, flag, oneOf, sessionName, wholeNumber } from './fields.ts';
import { agentBody } from './schemas.ts';
import { SCOPES } from './token.ts';

const MOST_SESSIONS = 1000;
const epoch = z.string({ error: 'must be a text' }).max(100).exactOptional();
const seq = z.int({ error: 'must be a whole number' }).min(0).exactOptional();

const subscribe = z.strictObject({
  type: z.literal('subscribe'),
  /** Events of these only; of all where it is left out. */
  sessions: z
    .array(sessionName, { error: 'must be a list of names' })
    .max(MOST_SESSIONS, { error: `may have ${MOST_SESSIONS} names at most` })
    .exactOptional(),
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
export const clientMessage = z
  .discriminatedUnion('type', [subscribe, ping, terminal, terminalEnd])
  .meta({ id: 'ClientMessage', description: 'What a WebSocket client may say' });
export type ClientMessage = z.infer<typeof clientMessage>;

/**
 * What may stand behind `/ws?`: where to go on, without a snapshot; and with `batch` the events that
 * were committed together come in one message, `events`, instead of one each.
 */
export const socketQuery = z.strictObject({
  batch: flag,
  after: wholeNumber(0, Number.MAX_SAFE_INTEGER).exactOptional(),
  epoch,
});

const position = { epoch: z.string(), seq: count };
const screen = {
  title: z.string(),
  cursor: z.strictObject({ x: count, y: count, visible: z.boolean() }),
};
const rows = z.array(z.string());

const EVENTS = [...Object.values(EVENT_SCHEMAS), damagedEvent];
/** An event, with the type beside its fields. */
const eventMessage = z.union(
  EVENTS.map((event) => event.extend({ type: z.literal('event') })),
) as z.ZodType<{ type: 'event' } & MonitorEvent>;

/** Events in order, as `batch` asks for them. */
const eventsMessage = z.strictObject({
  ...{ type: z.literal('events'), events: z.array(z.union(EVENTS)).min(1) },
}) as z.ZodType<{ type: 'events'; events: MonitorEvent[] }>;

const otherMessage = z.discriminatedUnion('type', [
  /** `scope`: whether the caller may change anything by the API (`full`), or look only (`read`). */
  z.strictObject({
    ...{ type: z.literal('connected'), version: z.string(), scope: oneOf(SCOPES), ...position },
  }),
  /** All agents that were asked for, as they are after the event `seq`. */
  z.strictObject({ type: z.literal('snapshot'), ...position, agents: z.array(agentBody) }),
  /** There is no going on from what was told before: a snapshot follows. */
  z.strictObject({ type: z.literal('reset'), ...position }),
  z.strictObject({
    type: z.literal('subscribed'),
    ...{ sessions: z.array(z.string()).readonly().nullable(), after: count },
  }),
  z.strictObject({ type: z.literal('pong') }),
  z.strictObject({
    ...{ type: z.literal('terminal'), session: z.string() },
    ...{ ...screen, width: count, height: count, rows },
  }),
  /** `rows`: those that changed, by their number from the top. */
  z.strictObject({
    ...{ type: z.literal('terminal_changed'), session: z.string() },
    ...{ ...screen, rows: z.record(z.string().regex(/^\d+$/), z.string()) },
  }),
  /** What was told of `previousSession` goes on as `session`, with the whole screen first. */
  z.strictObject({
    ...{ type: z.literal('terminal_renamed'), session: z.string(), previousSession: z.string() },
  }),
  z.strictObject({
    ...{ type: z.literal('terminal_gone'), session: z.string(), reason: z.string() },
  }),
  z.strictObject({ type: z.literal('error'), code: z.string(), detail: z.string() }),
]);

export const serverMessage = z
  .union([eventMessage, eventsMessage, otherMessage])
  .meta({ id: 'ServerMessage', description: 'What a WebSocket client is told' });
export type ServerMessage = z.output<typeof serverMessage>;
