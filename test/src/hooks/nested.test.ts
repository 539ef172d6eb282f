import { beforeEach, describe, expect, it } from 'vitest';
import type { HookPayload } from '../../../actors/ports.ts';
import { createNestedAgents, type NestedAgents } from '../../../src/hooks/nested.ts';
import { recordedHooks } from '../../support/hooks.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';

let clock: ManualClock;
let nested: NestedAgents;

beforeEach(() => {
  clock = createManualClock();
  nested = createNestedAgents(clock);
});

const says =
  (session_id: string) =>
  (hook_event_name: string, more: HookPayload = {}) =>
    nested.isNested('%1', { session_id, hook_event_name, ...more });
const own = says('own');
const other = says('other');

const COMMAND = { tool_name: 'Bash', tool_use_id: 't1' };
const LEFT = { ...COMMAND, tool_input: { command: 'claude -p go', run_in_background: true } };

describe('while a command runs', () => {
  beforeEach(() => {
    own('UserPromptSubmit');
    own('PreToolUse', COMMAND);
  });

  it('another conversation is nested, all of it', () => {
    const whole = ['UserPromptSubmit', 'PreToolUse', 'StopFailure', 'Stop', 'SessionEnd'];
    expect(whole.map((event) => other(event))).toEqual(whole.map(() => true));
    expect(own('PostToolUse', COMMAND)).toBe(false);
    expect(own('Stop')).toBe(false);
  });

  it('one that was nested stays so, until it begins a turn of its own', () => {
    other('UserPromptSubmit');
    own('PostToolUse', COMMAND);
    expect(other('Stop')).toBe(true);
    expect(other('UserPromptSubmit')).toBe(false);
    expect(other('Stop')).toBe(false);
  });

  it('another pane, and a hook that names no conversation, are not nested', () => {
    const payload = { hook_event_name: 'Stop', session_id: 'other' };
    expect(nested.isNested('%2', payload)).toBe(false);
    expect(nested.isNested('%1', { hook_event_name: 'Stop' })).toBe(false);
  });

  it('a thread of Codex is nested too', () => {
    expect(nested.isNested('%1', { type: 'agent-turn-complete', 'thread-id': 'x' })).toBe(true);
  });

  it('a subagent that stops does not end it', () => {
    own('Stop', { agent_id: 'a1' });
    expect(other('Stop')).toBe(true);
  });

  it.each(['PostToolUseFailure', 'UserPromptSubmit', 'Stop', 'StopFailure', 'SessionEnd'])(
    'it ends with %s',
    (event) => {
      own(event, event === 'PostToolUseFailure' ? COMMAND : {});
      expect(other('PreToolUse')).toBe(false);
    },
  );

  it('it ends some time after Escape, of which no hook tells', () => {
    clock.advance(599_999);
    expect(other('UserPromptSubmit')).toBe(true);
    clock.advance(1);
    expect(other('UserPromptSubmit')).toBe(false);
  });
});

describe('a command in the background', () => {
  const shell = { background_tasks: [{ type: 'shell', status: 'running' }] };

  it('goes on after its call, and after the turn', () => {
    own('PreToolUse', LEFT);
    own('PostToolUse', LEFT);
    expect(other('UserPromptSubmit')).toBe(true);
    own('Stop', shell);
    own('UserPromptSubmit');
    expect(other('StopFailure')).toBe(true);
  });

  it('has ended when the agent stops without it', () => {
    own('PreToolUse', LEFT);
    own('PostToolUse', LEFT);
    own('Stop', { background_tasks: [{ type: 'subagent', status: 'running' }] });
    expect(other('UserPromptSubmit')).toBe(false);
  });
});

it('takes another conversation for the own one where nothing runs that could have begun it', () => {
  own('UserPromptSubmit');
  own('PreToolUse', { tool_name: 'ExitPlanMode', tool_use_id: 't1' });
  expect(other('UserPromptSubmit')).toBe(false);
  other('PreToolUse', COMMAND);
  expect(own('Stop')).toBe(true);
});

it.each(['claude-code-edits', 'claude-code-mixed', 'codex', 'codex-notify'])(
  'drops no hook of a recorded agent: %s',
  (run) => {
    const payloads = recordedHooks(run);
    expect(payloads.filter((payload) => nested.isNested('%1', payload))).toEqual([]);
  },
);
