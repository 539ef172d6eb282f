import { describe, expect, it } from 'vitest';
import type { HookPayload } from '../../../actors/ports.ts';
import type { HookReport } from '../../../machines/vocabulary.ts';
import { onlyReads } from '../../../src/analysis/commands.ts';
import { toReport } from '../../../src/hooks/reports.ts';
import { recordedHooks } from '../../support/hooks.ts';

const report = (payload: HookPayload) => toReport(payload, onlyReads);
const reports = (run: string): HookReport[] =>
  recordedHooks(run).flatMap((payload) => report(payload) ?? []);
const tells = (run: string) => reports(run).map((one) => one.tells);

const callsOf = (run: string) => {
  const ended = reports(run).flatMap((one) => (one.tells === 'tool-ended' ? [one] : []));
  const counts = Map.groupBy(ended, ({ tool }) => tool);
  return Object.fromEntries([...counts].map(([tool, calls]) => [tool, calls.length]));
};

describe('recorded hooks', () => {
  it('of a whole turn begin with the prompt and end with the stop', () => {
    const told = tells('claude-code-edits');
    expect(told[0]).toBe('turn-started');
    expect(told.slice(-2)).toEqual(['turn-ended', 'session-ended']);
    expect(new Set(told.slice(1, -2))).toEqual(new Set(['tool-started', 'tool-ended']));
  });

  it('tell of every call once it has ended', () => {
    expect(callsOf('claude-code-edits')).toEqual({
      ...{ read: 4, bash: 2, edit: 1, write: 1, search: 1, other: 9 },
    });
    // A file that is not there was not read; a command that failed has run.
    expect(callsOf('claude-code-mixed')).toEqual({ read: 1, bash: 2, other: 3 });
    expect(callsOf('codex')).toEqual({ bash: 2 });
  });

  it('of subagents, errors, questions and waiting are each told', () => {
    expect(
      reports('claude-code-mixed').filter((one) => !one.tells.startsWith('tool-')),
    ).toMatchObject([
      { tells: 'session-ended' },
      { tells: 'turn-started', evidence: 'UserPromptSubmit First prompt' },
      { tells: 'dialog-waiting', message: 'Claude needs your permission' },
      { tells: 'turn-ended', background: 1 },
      { tells: 'turn-started' },
      { tells: 'turn-ended', background: 0 },
      { tells: 'turn-started' },
      { tells: 'dialog-waiting' },
      { tells: 'turn-ended', background: 0 },
      { tells: 'turn-started' },
      {
        tells: 'turn-failed',
        evidence: expect.stringMatching(/^StopFailure server_error API Error: 500/),
      },
      { tells: 'turn-started' },
      { tells: 'session-ended' },
      { tells: 'session-ended' },
    ]);
  });

  it("of Codex's notify program tell of the turns that somebody asked for", () => {
    expect(tells('codex-notify')).toEqual(['turn-ended']);
  });
});

describe('a tool', () => {
  const ended = (tool_name: string, tool_input: unknown, hook_event_name = 'PostToolUse') =>
    report({ hook_event_name, tool_name, tool_input, tool_use_id: '1' });

  it.each([
    ['Read', { file_path: 'a' }, 'PostToolUse', 'read', false],
    ['Read', { file_path: 'a' }, 'PostToolUseFailure', 'other', false],
    ['Edit', { file_path: 'a' }, 'PostToolUse', 'edit', true],
    ['Write', { file_path: 'a' }, 'PostToolUseFailure', 'other', false],
    ['Bash', { command: 'ls | head' }, 'PostToolUse', 'bash', false],
    ['Bash', { command: 'npm test' }, 'PostToolUse', 'bash', true],
    ['Bash', { command: 'npm test' }, 'PostToolUseFailure', 'bash', true],
    ['Bash', null, 'PostToolUse', 'bash', true],
    ['mcp__github__search', {}, 'PostToolUse', 'other', false],
    ['constructor', {}, 'PostToolUse', 'other', false],
  ])('%s %j after %s is %s, changes: %s', (name, input, event, tool, changes) => {
    expect(ended(name, input, event)).toMatchObject({ tells: 'tool-ended', tool, changes });
  });

  it('of a subagent is one, and so is what else it says', () => {
    const inside = { agent_id: 'a1' };
    expect(report({ hook_event_name: 'PreToolUse', ...inside })).toMatchObject({ inside: true });
    expect(report({ hook_event_name: 'Stop', ...inside })).toBeNull();
  });
});

it.each([
  [{ hook_event_name: 'Notification', notification_type: 'idle_prompt' }, null],
  [{ hook_event_name: 'Notification', message: 'Claude is waiting for your input' }, null],
  [
    { hook_event_name: 'Notification', message: 'Claude needs your permission to use Bash' },
    'dialog-waiting',
  ],
  [{ hook_event_name: 'SubagentStop' }, null],
  [{ hook_event_name: 'SomethingNew' }, null],
  [{ type: 'something-new' }, null],
])('%j tells %s', (payload, expected) => {
  expect(report(payload)?.tells ?? null).toBe(expected);
});

it.each([
  [
    [
      { type: 'subagent', status: 'running' },
      { type: 'subagent', status: 'pending' },
    ],
    2,
  ],
  [[{ type: 'subagent' }, { type: 'subagent', status: 'completed' }], 1],
  [[{ type: 'shell', status: 'running' }, { status: 'running' }, {}, 'odd', null], 0],
])('waits for subagents that go on, and for nothing else: %j', (background_tasks, background) => {
  expect(report({ hook_event_name: 'Stop', background_tasks })).toMatchObject({ background });
});

it('names the hook and what it is about in one line that is safe to show', () => {
  const prompt = `first\u001b[31m line\nsecond${'x'.repeat(500)}`;
  const { evidence = '' } = report({ hook_event_name: 'UserPromptSubmit', prompt }) ?? {};
  expect(evidence).toMatch(/^UserPromptSubmit first \[31m line secondx+$/);
  expect(evidence).toHaveLength(200);
});
