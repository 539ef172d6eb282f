import { describe, expect, it } from 'vitest';
import { createTranscriptCalls } from '../../../src/hooks/transcript-calls.ts';
import { fixtureOf } from '../../support/hooks.ts';

const counted = (lines: readonly string[], notBefore = 0) => {
  const calls = createTranscriptCalls(notBefore);
  for (const line of lines) calls.take(line);
  return calls.counts();
};

const linesOf = (name: string) => fixtureOf(name).trimEnd().split('\n');
const CLAUDE = linesOf('claude-code-transcript.jsonl');
const CODEX = linesOf('codex-rollout.jsonl');

const use = (id: string, name: string, more = {}) =>
  JSON.stringify({ message: { content: [{ type: 'tool_use', id, name }] }, ...more });
const result = (id: string, more = {}, line = {}) =>
  JSON.stringify({
    message: { content: [{ type: 'tool_result', tool_use_id: id, ...more }] },
    ...line,
  });

describe('recorded transcripts', () => {
  it('of Claude Code hold the calls that its hooks told of', () => {
    expect(counted(CLAUDE)).toEqual({ read: 4, bash: 2, edit: 1, write: 1, search: 1, other: 9 });
  });

  it('of Codex tell reading from running', () => {
    expect(counted(CODEX)).toEqual({ read: 2, search: 1, bash: 2, edit: 1, write: 1 });
  });

  it('count each call once, though they are written anew', () => {
    expect(counted([...CLAUDE, ...CLAUDE])).toEqual(counted(CLAUDE));
    expect(counted([...CODEX, ...CODEX])).toEqual(counted(CODEX));
  });

  it('count only what ended since the agent was started', () => {
    const half = Date.parse('2026-11-22T16:22:25.000Z');
    expect(counted(CLAUDE, half)).toEqual({ edit: 1, write: 1, bash: 1, other: 5 });
    expect(counted(CLAUDE, Date.parse('2026-11-23'))).toEqual({});
  });
});

it('counts a call when it has ended', () => {
  expect(counted([use('1', 'Read')])).toEqual({});
  expect(counted([use('1', 'Read'), result('1')])).toEqual({ read: 1 });
  expect(counted([result('1')])).toEqual({});
});

it('counts a call that failed as one that read and wrote nothing', () => {
  const failed = [use('1', 'Write'), result('1', { is_error: true })];
  expect(counted([...failed, use('2', 'Bash'), result('2', { is_error: true })])).toEqual({
    other: 1,
    bash: 1,
  });
});

it('leaves subagents to their own hooks', () => {
  const inside = { isSidechain: true };
  expect(counted([use('1', 'Read', inside), result('1', {}, inside)])).toEqual({});
});

it.each([
  'half a line {"type": "tool_use"',
  '"tool_result"',
  '{"message": {"content": "tool_use"}, "x": "tool_use"}',
  '{"message": {"content": [{"type": "tool_use"}, 7, null]}}',
  '{"payload": {"type": "item_completed", "item": {"type": "CommandExecution"}}}',
  '{"payload": {"type": "item_completed", "item": {"type": "Unheard", "id": "1"}}}',
])('passes over what it cannot understand: %s', (odd) => {
  expect(counted([odd, use('1', 'Read'), odd, result('1')])).toEqual({ read: 1 });
});
