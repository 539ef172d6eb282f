import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { transition } from 'xstate';
import type { HookPayload } from '../../../actors/ports.ts';
import { weigh } from '../../../machines/hearing.ts';
import { type SessionSnapshot, sessionMachine } from '../../../machines/session.ts';
import type { SessionEvent } from '../../../machines/session-context.ts';
import { indicatorsOf } from '../../../machines/told.ts';
import type { HookReport, ToolCounts } from '../../../machines/vocabulary.ts';
import { onlyReads } from '../../../src/analysis/commands.ts';
import { createHooks, type Hooks } from '../../../src/hooks/hooks.ts';
import type { HookedAgent } from '../../../src/hooks/ties.ts';
import { fixtureOf, recordedHooks } from '../../support/hooks.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { PATIENCE } from '../../support/patience.ts';
import { createRecordedLog, type RecordedLog } from '../../support/recorded-log.ts';
import { begin, FACTS, INPUT, look } from '../../support/sessions.ts';

const { key, server } = INPUT;
const HERE = { pane: FACTS.pane, serverPid: server.pid, agent: null };
const TARGET = { server, sessionId: FACTS.sessionId, paneId: FACTS.pane, panePid: FACTS.panePid };

let folder: string;
let clock: ManualClock;
let log: RecordedLog;
let agents: Map<string, HookedAgent>;
let reports: { key: string; report: HookReport }[];
let counts: { to: string; path: string; calls: ToolCounts }[];
/** When each process was started, in ms since the epoch. */
let starts: Map<number, number>;
let hooks: Hooks;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'am-hooks-'));
  clock = createManualClock();
  log = createRecordedLog();
  agents = new Map([[key, { server, facts: FACTS, exited: false }]]);
  reports = [];
  counts = [];
  starts = new Map();
  hooks = createHooks({
    ...{ clock, log, onlyReads },
    agents: () => agents,
    report: (to, report) => reports.push({ key: to, report }),
    count: (to, path, calls) => counts.push({ to, path, calls }),
    startedAt: async (pid) => starts.get(pid) ?? null,
  });
});
afterEach(() => {
  hooks.stop();
  rmSync(folder, { recursive: true, force: true });
});

const take = (payload: HookPayload) => hooks.take(payload, HERE);
const prompt = (text: string) => take({ hook_event_name: 'UserPromptSubmit', prompt: text });

describe('a hook', () => {
  it('is told to the session of its agent', () => {
    expect(take({ hook_event_name: 'Stop' })).toEqual({ session: FACTS.session, key });
    expect(reports).toMatchObject([{ key, report: { tells: 'turn-ended' } }]);
  });

  it('of nobody who is watched is dropped, and said so in the debug log', () => {
    agents.clear();
    const stop = { hook_event_name: 'Stop', session_id: 's1', cwd: '/home/user/other' };
    expect(take(stop)).toBeNull();
    expect(reports).toEqual([]);
    expect(log.lines).toMatchObject([
      { level: 'debug', fields: { event: 'Stop', conversation: 's1', cwd: '/home/user/other' } },
    ]);
  });

  it('that says nothing of the state still names the conversation', () => {
    take({ hook_event_name: 'SessionStart', session_id: 's1' });
    hooks.take({ hook_event_name: 'Stop', session_id: 's1' }, { ...HERE, pane: null });
    expect(reports).toMatchObject([{ report: { tells: 'turn-ended' } }]);
  });
});

it('of an agent that a command runs is not told, nor is its prompt taken', () => {
  const own = { session_id: 's1' };
  const nested = { session_id: 's2' };
  take({ ...own, hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_use_id: 't1' });
  reports = [];
  take({ ...nested, hook_event_name: 'UserPromptSubmit', prompt: 'fix the parser' });
  take({ ...nested, hook_event_name: 'StopFailure' });
  expect(reports).toEqual([]);
  expect(hooks.submitted(TARGET, 'fix the parser', 0)).toBe(false);
  expect(log.messages('debug')).toContain('a hook is of an agent within the one that is watched');
  agents.set(key, { server, facts: { ...FACTS, agentPid: 999 }, exited: false });
  take({ ...nested, hook_event_name: 'Stop' });
  expect(reports).toMatchObject([{ report: { tells: 'turn-ended' } }]);
});

describe('a prompt', () => {
  it('is known to have been submitted, however its blanks were changed', () => {
    prompt('fix  the\n  parser ');
    expect(hooks.submitted(TARGET, 'fix the parser', 0)).toBe(true);
    expect(hooks.submitted(TARGET, 'fix the lexer', 0)).toBe(false);
  });

  it('proves nothing for another pane, for what was typed later, and for blanks', () => {
    prompt('fix the parser');
    const other = { ...TARGET, paneId: '%9' };
    expect(hooks.submitted(other, 'fix the parser', 0)).toBe(false);
    expect(hooks.submitted(TARGET, 'fix the parser', 1)).toBe(false);
    expect(hooks.submitted(TARGET, ' \n', 0)).toBe(false);
  });
});

describe('very long prompts', () => {
  const LONG = 64 * 1024;

  it('are known by their start', () => {
    prompt(`${'a'.repeat(LONG - 3)}endlost`);
    expect(hooks.submitted(TARGET, 'aaend', 0)).toBe(true);
    expect(hooks.submitted(TARGET, 'lost', 0)).toBe(false);
  });

  it('make room for each other, and others make way after a minute', () => {
    prompt('first');
    for (let number = 0; number < 62; number += 1) prompt('a'.repeat(LONG));
    expect(hooks.submitted(TARGET, 'first', 0)).toBe(true);
    prompt('b'.repeat(2 * LONG));
    expect(hooks.submitted(TARGET, 'first', 0)).toBe(true);
    prompt('last');
    prompt('c'.repeat(LONG));
    expect(hooks.submitted(TARGET, 'first', 0)).toBe(false);
    expect(hooks.submitted(TARGET, 'last', 0)).toBe(true);
    clock.advance(60_000);
    prompt('new');
    expect(hooks.submitted(TARGET, 'last', 0)).toBe(false);
  });
});

describe('a transcript', () => {
  const path = () => join(folder, 'one.jsonl');
  const speak = () => take({ hook_event_name: 'SessionStart', transcript_path: path() });
  const read = async () => {
    await vi.waitFor(() => expect(clock.pending()).toBe(1), PATIENCE);
    clock.advance(300);
  };

  beforeEach(() => writeFileSync(path(), fixtureOf('claude-code-transcript.jsonl')));

  it('that hooks name is counted for their session', async () => {
    speak();
    await read();
    await vi.waitFor(() => expect(counts).toHaveLength(1), PATIENCE);
    expect(counts).toMatchObject([{ to: key, path: path(), calls: { read: 4, other: 9 } }]);
  });

  it('is not counted for another agent that follows in that pane', async () => {
    speak();
    await vi.waitFor(() => expect(clock.pending()).toBe(1), PATIENCE);
    agents.set(key, { server, facts: { ...FACTS, agentPid: 999 }, exited: false });
    clock.advance(300);
    await vi.waitFor(() => expect(clock.pending()).toBe(0), PATIENCE);
    await vi.waitFor(() => expect(log.messages('debug')).toHaveLength(1), PATIENCE);
    expect(counts).toEqual([]);
  });

  it('that another agent goes on with is counted for each since its own start', async () => {
    const aRead = (id: string, timestamp: string) =>
      [
        { type: 'tool_use', id, name: 'Read' },
        { type: 'tool_result', tool_use_id: id },
      ]
        .map((block) => `${JSON.stringify({ timestamp, message: { content: [block] } })}\n`)
        .join('');
    starts.set(FACTS.agentPid ?? 0, Date.parse('2026-11-22T10:00:00Z'));
    starts.set(999, Date.parse('2026-11-22T12:00:00Z'));
    writeFileSync(path(), aRead('a', '2026-11-22T11:00:00Z'));
    speak();
    await read();
    await vi.waitFor(() => expect(counts).toHaveLength(1), PATIENCE);
    agents.set(key, { server, facts: { ...FACTS, agentPid: 999 }, exited: false });
    appendFileSync(path(), aRead('b', '2026-11-22T13:00:00Z'));
    speak();
    await vi.waitFor(() => {
      clock.advance(300);
      expect(counts).toHaveLength(2);
    }, PATIENCE);
    expect(counts.map(({ calls }) => calls)).toEqual([{ read: 1 }, { read: 1 }]);
  });
});

it('gives a recorded turn its states and its exact counts, on a screen that shows nothing', () => {
  let snapshot: SessionSnapshot = begin();
  const states: string[] = [];
  const step = (event: SessionEvent) => {
    const weighed = weigh(snapshot.context, event) as SessionEvent;
    [snapshot] = transition(sessionMachine, snapshot, weighed);
    const state = `${snapshot.value.activity} ${snapshot.context.reason}`;
    if (state !== states.at(-1)) states.push(state);
  };
  let at = 1_000;
  for (const payload of recordedHooks('claude-code-edits')) {
    take(payload);
    at += 3_000;
    for (const { report } of reports.splice(0)) step({ type: 'hook.received', report, at });
    // At its prompt, without a word about how the last turn went.
    if (payload.hook_event_name === 'Stop') step(look(at + 10, 'idle'));
  }
  expect(states).toEqual(['reading prompt', 'working tool', 'complete done']);
  expect(indicatorsOf(snapshot.context.counted.indicators, snapshot.context.told)).toEqual({
    ...{ filesRead: 4, filesWritten: 1, filesEdited: 1, bashCommands: 2, toolCalls: 18 },
    ...{ contemplationTime: 0, errors: 0 },
  });
});
