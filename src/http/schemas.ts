import { z } from 'zod';
import type {
  AgentLook,
  Check,
  EventPage,
  Health,
  MachineLook,
  Stats,
  Supervised,
} from '../../actors/ports.ts';
import {
  type Agent,
  type AgentDetail,
  ATTENTIONS,
  COMMAND_STATUSES,
  EVENT_NAMES,
  type Interaction,
  STATES,
  type Todo,
  type Transition,
  type Verdict,
} from '../../machines/vocabulary.ts';
import { dialogBody, indicatorsBody, percent, progressSource } from './agent-fields.ts';
import type { Problem } from './errors.ts';
import { eventBody } from './event-schemas.ts';
import { count, flag, milliseconds, oneOf, sessionName, wholeNumber } from './fields.ts';
import type { ConnectionCounts } from './places.ts';

// What is asked.

export const sessionParams = z.strictObject({ session: sessionName });
export const noQuery = z.strictObject({});
export const noBody = z
  .strictObject({}, { error: 'no body is needed; if there is one it must be {}' })
  .optional();

export const agentsQuery = (kinds: readonly string[]) =>
  z.strictObject({
    state: oneOf(STATES).exactOptional(),
    kind: oneOf(kinds).exactOptional(),
    attention: oneOf(ATTENTIONS).exactOptional(),
  });

export const outputQuery = z.strictObject({
  lines: wholeNumber(1, 10_000).default(100),
  ansi: flag,
});

export const machineParams = z.strictObject({ id: z.string().min(1).max(100) });
export const svgQuery = z.strictObject({ session: sessionName.exactOptional() });

export const logQuery = z.strictObject({ limit: wholeNumber(1, 1000).default(50) });
export const interactionsQuery = z.strictObject({
  before: wholeNumber(1, Number.MAX_SAFE_INTEGER).exactOptional(),
  limit: wholeNumber(1, 1000).default(50),
});

const eventFilter = {
  session: sessionName.exactOptional(),
  event: oneOf(EVENT_NAMES).exactOptional(),
};

const position = {
  after: wholeNumber(0, Number.MAX_SAFE_INTEGER).exactOptional(),
  epoch: z.string().min(1).max(64).exactOptional(),
};

export const eventsQuery = z.strictObject({
  ...position,
  since: wholeNumber(0, Number.MAX_SAFE_INTEGER).exactOptional(),
  limit: wholeNumber(1, 1000).default(100),
  ...eventFilter,
});
export const streamQuery = z.strictObject({ ...position, ...eventFilter });

// What is answered. `strict`, so that a field which slips in is found by the tests.

const agentFields = {
  session: z.string(),
  kind: z.string(),
  state: z.enum(STATES),
  since: milliseconds.nullable(),
  reason: z.string(),
  evidence: z.string(),
  attention: z.enum(ATTENTIONS),
  progress: percent,
  progressSource,
  indicators: indicatorsBody,
  connection: z.enum(['connecting', 'attached', 'shared', 'reconnecting', 'gone']),
  restarts: count,
  lastActivity: milliseconds.nullable(),
  pane: z.string(),
  otherPanes: z.array(z.strictObject({ pane: z.string(), kind: z.string() })),
  cwd: z.string(),
  title: z.string(),
  queued: count,
};

export const agentBody = z.strictObject(agentFields) satisfies z.ZodType<Agent>;

export const agentsBody = z.strictObject({ agents: z.array(agentBody), count });

const todoBody = z.strictObject({
  text: z.string(),
  status: z.enum(['open', 'in-progress', 'done']),
}) satisfies z.ZodType<Todo>;

const transitionBody = z.strictObject({
  seq: count,
  at: milliseconds,
  prevState: z.enum(STATES).nullable(),
  state: z.enum(STATES),
  reason: z.string(),
  evidence: z.string(),
}) satisfies z.ZodType<Transition>;

export const agentDetailBody = z.strictObject({
  ...agentFields,
  machine: z.unknown(),
  rule: z.string(),
  dialog: dialogBody.nullable(),
  todos: z.array(todoBody),
  indicatorsApproximate: z.boolean(),
  transitions: z.array(transitionBody),
}) satisfies z.ZodType<AgentDetail>;

const verdictBody = z.strictObject({
  activity: z.enum(['reading', 'working', 'complete', 'idle', 'error', 'unknown']),
  attention: z.enum(ATTENTIONS),
  reason: z.string(),
  rule: z.string(),
  evidence: z.string(),
  toolRunning: z.boolean(),
  dialog: dialogBody.omit({ since: true }).nullable(),
  dialogRows: z.array(z.string()),
  dialogIsCut: z.boolean(),
  composer: z.strictObject({
    content: z.enum(['absent', 'empty', 'placeholder', 'draft', 'paste']),
    text: z.string(),
  }),
  todos: z.array(todoBody),
  progress: percent.nullable(),
  sightings: z.array(
    z.strictObject({
      tool: z.enum(['read', 'write', 'edit', 'bash', 'search', 'think', 'other']),
      line: count,
      target: z.string(),
      count,
      collapsed: z.boolean(),
      failed: z.boolean(),
    }),
  ),
  fingerprint: z.string(),
}) satisfies z.ZodType<Verdict>;

export const lookBody = z.strictObject({
  session: z.string(),
  kind: z.string(),
  state: z.enum(STATES),
  title: z.string(),
  verdict: verdictBody,
}) satisfies z.ZodType<AgentLook>;

export const outputBody = z.strictObject({ session: z.string(), output: z.string(), lines: count });

export const doneBody = z.strictObject({ success: z.literal(true), session: z.string() });

const interactionBody = z.strictObject({
  id: count,
  at: milliseconds,
  session: z.string().nullable(),
  source: z.string(),
  caller: z.string(),
  action: z.string(),
  detail: z.string(),
  text: z.string(),
}) satisfies z.ZodType<Interaction>;

export const logBody = z.strictObject({
  session: z.string(),
  log: z.array(interactionBody),
  count,
});

export const interactionsBody = z.strictObject({
  log: z.array(interactionBody),
  count,
  next: count.nullable(),
});

export const machinesBody = z.strictObject({
  machines: z.array(
    z.strictObject({ id: z.string(), states: z.array(z.string()), events: z.array(z.string()) }),
  ),
  count,
});

/** What a machine is: as XState writes it, so loose. */
export const definitionBody = z.looseObject({ id: z.string() });

export const machineBody = z.strictObject({
  session: z.string(),
  value: z.unknown(),
  context: z.record(z.string(), z.unknown()),
  next: z.array(z.string()),
}) satisfies z.ZodType<MachineLook & { session: string }>;

export const eventsBody = z.strictObject({
  epoch: z.string(),
  events: z.array(eventBody),
  count,
  next: count.nullable(),
  reset: z.boolean(),
}) satisfies z.ZodType<EventPage>;

/** The data of the stream's `reset`: read the agents anew, events go on after `seq`. */
export const resetBody = z.strictObject({ epoch: z.string(), seq: count });

const checkStatus = z.enum(['ok', 'degraded', 'down']) satisfies z.ZodType<Check['status']>;
/** `detail` may tell names and paths, so only known callers see it. */
const checkBody = z.strictObject({ status: checkStatus, detail: z.string().optional() });

export const healthBody = z.strictObject({
  status: z.enum(['ok', 'degraded']),
  timestamp: milliseconds,
  version: z.string(),
  uptime: z.number().nonnegative(),
  checks: z.strictObject({
    store: checkBody,
    tmux: checkBody,
    redis: checkBody,
    supervisor: checkBody,
  } satisfies Record<keyof Health['checks'], z.ZodType>),
});

export const aliveBody = z.strictObject({ status: z.literal('ok') });

export const statsBody = z.strictObject({
  agents: z.strictObject({ total: count, byState: z.record(z.enum(STATES), count), gone: count }),
  commands: z.record(z.enum(COMMAND_STATUSES), count),
  events: z.strictObject({ last: count, oldest: count, relayed: count, epoch: z.string() }),
  restarts: count,
  quarantined: z.array(z.string()),
  supervision: z.array(
    z.strictObject({
      actor: z.string(),
      session: z.string(),
      status: z.enum(['running', 'waiting', 'spent', 'quarantined']),
      restarts: count,
      since: milliseconds.nullable(),
      error: z.string(),
      nextAt: milliseconds.nullable(),
    }) satisfies z.ZodType<Supervised>,
  ),
  watching: z.strictObject({ attached: count, shared: count, swept: count }),
  typing: z.strictObject({ on: z.boolean(), recentStarts: count }),
  uptime: z.number().nonnegative(),
  memory: z.strictObject({ rss: count, heapUsed: count }),
  eventLoop: z.strictObject({ p99: z.number().nonnegative(), max: z.number().nonnegative() }),
  connections: z.strictObject({ own: count, token: count, stranger: count, dropped: count }),
}) satisfies z.ZodType<Stats & { connections: ConnectionCounts }>;

export const problemBody = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    code: z.string(),
    error: z.string(),
    errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).exactOptional(),
  })
  .meta({ id: 'Problem' }) satisfies z.ZodType<Problem>;
