/** Events in words, and how they are shown and grouped. Pure. */

import { EVENT_NAMES, type EventName, type MonitorEvent } from '../../../machines/vocabulary.ts';
import { count, duration } from '../format.ts';
import type { Look } from './needs.ts';

/** `state_change` is `state change`. */
export const eventName = (event: string): string => event.replaceAll('_', ' ');

/** What happened, in a line. Fields that the disk has garbled are left out. */
export const tellEvent = (event: MonitorEvent): string => {
  if (event.damaged === true) return 'the disk has garbled what it told';
  if (event.event.startsWith('command_')) return tellCommand(event);
  const text = textsOf(event);
  switch (event.event) {
    case 'state_change':
      return joined(
        `${text('prevState') || 'new'} → ${text('state')}`,
        text('reason'),
        text('evidence'),
      );
    case 'progress':
      return joined(
        `${text('prevProgress')} % → ${text('progress')} %`,
        sourceOf(text('progressSource')),
      );
    case 'agent_stuck':
      return joined(text('idleTime') && `nothing for ${seconds(event.idleTime)}`, text('reason'));
    case 'agent_error':
    case 'session_gone':
      return joined(text('state') && `was ${text('state')}`, text('reason'));
    case 'agent_complete':
      return Number(event.duration) > 0 ? `after ${seconds(event.duration)}` : '';
    case 'agent_waiting':
      return joined(text('attention'), questionOf(event));
    case 'attention_change':
      return joined(`${text('prevAttention')} → ${text('attention')}`, questionOf(event));
    case 'session_found':
      return joined(text('kind'), text('cwd'));
    case 'session_killed':
      return joined(text('source') && `by ${text('source')}`);
    case 'session_renamed':
      return joined(`was ${text('previousSession')}`);
    default:
      return joined(text('actor'), text('error'), text('version'));
  }
};

const tellCommand = (event: MonitorEvent): string => {
  const text = textsOf(event);
  const what = text('action') === 'interrupt' ? 'interrupt' : oneLine(text('command'));
  const proof = text('evidence') === 'none' ? '' : text('evidence');
  return joined(
    what,
    text('source') && `by ${text('source')}`,
    text('error') || proof,
    text('resolution'),
  );
};

/** A field as text; empty where it is missing. */
const textsOf =
  (event: MonitorEvent) =>
  (field: string): string => {
    const value = event[field];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };

const joined = (...parts: string[]): string => parts.filter((part) => part !== '').join(' · ');

const sourceOf = (source: string): string => (source === 'none' ? '' : `by its ${source}`);

const seconds = (value: unknown): string => duration(Number(value) * 1_000);

const questionOf = ({ dialog }: MonitorEvent): string =>
  oneLine((dialog as { question?: string } | null | undefined)?.question ?? '');

const oneLine = (text: string): string => {
  const [first = '', ...more] = text.trim().split('\n');
  return more.length === 0 ? first : `${first} … (${count(more.length + 1, 'line')})`;
};

/** What a person should notice about it; null where nothing is the matter. */
export const lookOfEvent = (event: MonitorEvent): Look | null =>
  event.event === 'state_change' ? ((event.state as Look) ?? null) : (LOOKS[event.event] ?? null);

const LOOKS: Partial<Record<EventName, Look>> = {
  agent_waiting: 'waiting',
  agent_stuck: 'stuck',
  agent_error: 'error',
  agent_complete: 'complete',
  command_failed: 'error',
  command_unknown: 'stuck',
  command_expired: 'stuck',
  actor_crashed: 'error',
  actor_quarantined: 'error',
  session_gone: 'gone',
  session_killed: 'gone',
};

const startingWith = (...starts: string[]): EventName[] =>
  EVENT_NAMES.filter((name) => starts.some((start) => name.startsWith(start)));

/** What one asks for together, by name. */
export const EVENT_GROUPS: Record<string, readonly EventName[]> = {
  'what needs a person': ['agent_waiting', 'agent_stuck', 'agent_error'],
  'what agents do': ['state_change', 'progress', ...startingWith('agent_', 'attention_')],
  commands: startingWith('command_'),
  sessions: startingWith('session_'),
  'the monitor itself': startingWith('actor_', 'monitor_'),
};
