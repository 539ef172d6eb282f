import { describe, expect, it } from 'vitest';
import { lineOf, tableOf } from '../../../demo/live/table.ts';
import { type Agent, type MonitorEvent, NO_INDICATORS } from '../../../machines/vocabulary.ts';

const NOW = 1_795_363_912_000;

const agent = (changes: Partial<Agent>): Agent => ({
  session: 'shop-api',
  kind: 'claude-code',
  state: 'reading',
  since: NOW - 5000,
  reason: 'thinking',
  evidence: '✻ Baking…',
  attention: 'none',
  progress: 0,
  progressSource: 'none',
  indicators: NO_INDICATORS,
  connection: 'attached',
  restarts: 0,
  lastActivity: NOW,
  pane: '%1',
  otherPanes: [],
  cwd: '/home/user/shop-api',
  title: '◐ Claude Code',
  queued: 0,
  ...changes,
});

const event = (fields: Partial<MonitorEvent>): MonitorEvent => ({
  event: 'state_change',
  session: 'shop-api',
  timestamp: NOW,
  seq: 1,
  epoch: 'e',
  host: 'h',
  ...fields,
});

const plain = (lines: string[]): string[] =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are taken away
  lines.map((line) => line.replace(/\x1b\[\d+m/g, ''));

describe('the table', () => {
  it('has the agents by name, with what they wait for and how far they are', () => {
    const agents = [
      agent({ session: 'web', state: 'stuck', since: NOW - 125_000, attention: 'approval' }),
      agent({ session: 'api', progress: 50, progressSource: 'todos' }),
    ];
    expect(plain(tableOf(agents, NOW, 80))).toEqual([
      'SESSION  STATE    FOR     WAITS FOR  PROGRESS  REASON',
      'api      reading  5s                 50 %      thinking',
      'web      stuck    2m 05s  approval             thinking',
    ]);
  });

  it('is cut to the terminal', () => {
    expect(plain(tableOf([agent({})], NOW, 12))[1]).toBe('shop-api  re');
  });

  it('says nothing of the time where the agent was not seen yet', () => {
    expect(plain(tableOf([agent({ since: null })], NOW, 80))[1]).toBe(
      'shop-api  reading                            thinking',
    );
  });
});

describe('a line', () => {
  it.each([
    {
      fields: { prevState: 'reading', state: 'working', reason: 'tool' },
      says: 'reading → working (tool)',
    },
    {
      fields: { prevState: null, state: 'complete', reason: 'ready' },
      says: 'first seen → complete (ready)',
    },
    { fields: { event: 'attention_change', attention: 'approval' }, says: 'waits: approval' },
    { fields: { event: 'attention_change', attention: 'none' }, says: 'was answered' },
    { fields: { event: 'progress', progress: 25, progressSource: 'todos' }, says: '25 % done' },
  ] as { fields: Partial<MonitorEvent>; says: string }[])('says $says', ({ fields, says }) => {
    expect(lineOf(event(fields))).toMatch(/^\d\d:\d\d:\d\d {2}shop-api {4}/);
    expect(lineOf(event(fields))).toContain(says);
  });

  it('is not there for what nobody would want to know', () => {
    expect(lineOf(event({ event: 'monitor_started', session: '' }))).toBeNull();
    expect(lineOf(event({ event: 'progress', progress: 100, progressSource: 'none' }))).toBeNull();
  });
});
