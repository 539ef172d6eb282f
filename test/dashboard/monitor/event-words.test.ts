import { describe, expect, it } from 'vitest';
import {
  EVENT_GROUPS,
  lookOfEvent,
  tellEvent,
} from '../../../dashboard/src/monitor/event-words.ts';
import { EVENT_NAMES, type EventName, type MonitorEvent } from '../../../machines/vocabulary.ts';
import { DIALOG, eventOf } from '../agents.ts';

const COMMAND = { command: 'Run the tests', source: 'zoe', action: 'text', evidence: 'none' };

describe('an event in words', () => {
  it.each<[Partial<MonitorEvent>, string]>([
    [
      { state: 'working', prevState: 'reading', reason: 'tool', evidence: '● Bash(npm test)' },
      'reading → working · tool · ● Bash(npm test)',
    ],
    [{ state: 'working', prevState: null, reason: 'tool', evidence: '' }, 'new → working · tool'],
    [
      { event: 'progress', prevProgress: 0, progress: 40, progressSource: 'todos' },
      '0 % → 40 % · by its todos',
    ],
    [{ event: 'agent_stuck', idleTime: 300, reason: 'thinking' }, 'nothing for 5 min · thinking'],
    [{ event: 'agent_complete', duration: 61 }, 'after 1 min'],
    [{ event: 'agent_complete', duration: 0 }, ''],
    [{ event: 'agent_waiting', attention: 'approval', dialog: DIALOG }, 'approval · Proceed?'],
    [{ event: 'agent_waiting', attention: 'login', dialog: null }, 'login'],
    [
      { event: 'attention_change', prevAttention: 'approval', attention: 'none', dialog: null },
      'approval → none',
    ],
    [{ event: 'command_queued', ...COMMAND }, 'Run the tests · by zoe'],
    [
      { event: 'command_failed', ...COMMAND, error: 'target_gone', evidence: 'not-typed' },
      'Run the tests · by zoe · target_gone',
    ],
    [
      { event: 'command_sent', ...COMMAND, command: 'one\ntwo\nthree', evidence: 'turn-started' },
      'one … (3 lines) · by zoe · turn-started',
    ],
    [{ event: 'command_sent', ...COMMAND, action: 'interrupt', command: '' }, 'interrupt · by zoe'],
    [{ event: 'session_renamed', previousSession: 'shop' }, 'was shop'],
    [{ event: 'actor_crashed', actor: 'session', error: 'no such row' }, 'session · no such row'],
    [{ event: 'progress', damaged: true }, 'the disk has garbled what it told'],
  ])('%j', (fields, expected) => {
    expect(tellEvent(eventOf(fields))).toBe(expected);
  });

  it.each(EVENT_NAMES)('%s says nothing strange where its fields are missing', (event) => {
    expect(tellEvent(eventOf({ event }))).not.toMatch(/undefined|null|NaN|\[object/);
  });
});

describe('the look of an event', () => {
  it.each<[Partial<MonitorEvent>, string | null]>([
    [{ state: 'stuck' }, 'stuck'],
    [{ event: 'agent_waiting' }, 'waiting'],
    [{ event: 'command_unknown' }, 'stuck'],
    [{ event: 'progress', state: 'error' }, null],
  ])('of %j is %s', (fields, expected) => {
    expect(lookOfEvent(eventOf(fields))).toBe(expected);
  });
});

it('every kind of event is in a group that one can ask for', () => {
  const grouped = new Set<EventName>(Object.values(EVENT_GROUPS).flat());
  expect([...grouped].sort()).toEqual([...EVENT_NAMES].sort());
});
