/** Every event, by its name: the one JSON object that all channels carry. */

import { z } from 'zod';
import {
  ATTENTIONS,
  COMMAND_EVIDENCES,
  type CommandStatus,
  EVENT_NAMES,
  type EventName,
  type MonitorEvent,
  STATES,
  WHENS,
} from '../../machines/vocabulary.ts';
import {
  dialogBody,
  indicatorsBody,
  percent,
  progressSource,
  wantingAttention,
} from './agent-fields.ts';
import { count, milliseconds } from './fields.ts';

const envelope = {
  /** Empty for the monitor's own. */
  session: z.string(),
  timestamp: milliseconds,
  seq: count,
  epoch: z.string(),
  host: z.string(),
};

const event = <Name extends EventName, Fields extends z.ZodRawShape>(name: Name, fields: Fields) =>
  z.strictObject({ event: z.literal(name), ...envelope, ...fields }).meta({ id: name });

const state = z.enum(STATES);
const attention = z.enum(ATTENTIONS);
const reason = z.string();
/** The last lines of the screen: at most 20, and 4 KB. */
const output = z.string();
const dialog = dialogBody.nullable();
const seconds = z.number().nonnegative();

const command = (status: Exclude<CommandStatus, 'sending'>) => ({
  id: z.string(),
  jobId: z.string(),
  command: z.string(),
  source: z.string(),
  action: z.enum(['text', 'answer', 'interrupt']),
  when: z.enum(WHENS),
  status: z.literal(status),
  evidence: z.enum(COMMAND_EVIDENCES),
  attempts: count,
  error: z.string().exactOptional(),
  retryOf: z.string().exactOptional(),
});

export const EVENT_SCHEMAS = {
  state_change: event('state_change', {
    ...{ state, prevState: state.nullable(), reason, evidence: z.string(), attention },
    ...{ progress: percent, indicators: indicatorsBody },
  }),
  progress: event('progress', {
    ...{ progress: percent, prevProgress: percent, progressSource, indicators: indicatorsBody },
  }),
  agent_stuck: event('agent_stuck', { idleTime: seconds, reason, output }),
  agent_error: event('agent_error', { reason, output }),
  agent_complete: event('agent_complete', { output, duration: seconds }),
  agent_waiting: event('agent_waiting', { attention: wantingAttention, dialog }),
  attention_change: event('attention_change', { attention, prevAttention: attention, dialog }),
  command_queued: event('command_queued', command('queued')),
  command_sent: event('command_sent', command('sent')),
  command_failed: event('command_failed', { ...command('failed'), error: z.string() }),
  command_unknown: event('command_unknown', { ...command('unknown'), error: z.string() }),
  command_expired: event('command_expired', command('expired')),
  command_cancelled: event('command_cancelled', command('cancelled')),
  command_resolved: event('command_resolved', { ...command('unknown'), resolution: z.string() }),
  session_found: event('session_found', { kind: z.string(), pane: z.string(), cwd: z.string() }),
  session_gone: event('session_gone', { state, reason }),
  session_killed: event('session_killed', { source: z.string() }),
  session_renamed: event('session_renamed', { previousSession: z.string() }),
  actor_crashed: event('actor_crashed', {
    ...{ actor: z.string(), error: z.string(), restartInMs: milliseconds },
  }),
  actor_restarted: event('actor_restarted', { actor: z.string() }),
  actor_quarantined: event('actor_quarantined', { actor: z.string(), error: z.string() }),
  monitor_started: event('monitor_started', {
    ...{ version: z.string(), typing: z.enum(['on', 'off']), damaged: z.array(z.string()) },
  }),
  monitor_stopped: event('monitor_stopped', {}),
} satisfies { [Name in EventName]: z.ZodType<MonitorEvent & { event: Name }> };

/** One whose fields the disk has garbled since it was written. */
export const damagedEvent = z
  .strictObject({ event: z.enum(EVENT_NAMES), ...envelope, damaged: z.literal(true) })
  .meta({ id: 'damaged' });

type EventSchema = (typeof EVENT_SCHEMAS)[EventName];
const all = Object.values(EVENT_SCHEMAS) as [EventSchema, ...EventSchema[]];

export const eventBody = z
  .union([z.discriminatedUnion('event', all), damagedEvent])
  .meta({ id: 'Event' }) satisfies z.ZodType<MonitorEvent>;
