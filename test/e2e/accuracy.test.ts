/** A run of each kind, through a real tmux; `npm run accuracy` replays them all. */

import { expect, it } from 'vitest';
import { runFaults } from '../../accuracy/findings.ts';
import { replay } from '../../accuracy/replay.ts';

const RUNS = [
  'claude-2.1.330-full-todo-80x24',
  'claude-2.1.330-subagents',
  'claude-2.1.197-full-todo',
  'codex-0.169.0-full',
  'copilot-1.0.102-full',
  'gemini-0.61.0-full',
  'opencode-1.18.33-full',
  'qwen-0.24.4-full',
];

it.each(RUNS)('%s is told as it was', async (name) => {
  const [one] = await replay([name]);
  expect(one && runFaults(one.run, one.findings)).toEqual([]);
  expect(one?.watched.looks).toBeGreaterThan(100);
});

it.each(RUNS.slice(0, 3))('%s is counted as it was by one look a second', async (name) => {
  const [one] = await replay([name], { gapMs: 1000 });
  expect(one?.findings.counters.length).toBe(3);
  for (const { told, due, what } of one?.findings.counters ?? []) expect(told, what).toBe(due);
});
