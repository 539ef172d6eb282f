import { describe, expect, it } from 'vitest';
import type { Player } from '../../accuracy/player.ts';
import type { Chunk } from '../../accuracy/recordings.ts';
import { watchRun } from '../../accuracy/watcher.ts';

const SCREENS = {
  quiet: '● Done.\n\n✻ Baked for 3s · done 4:22 PM\n',
  busy: '✻ Baking… (3s · ↓ 20 tokens)\n',
};

/** A pane that shows the screen whose name it was sent last, and remembers what it was asked. */
const createPane = () => {
  const calls: string[] = [];
  let shown: keyof typeof SCREENS = 'quiet';
  const rule = '─'.repeat(120);
  const player: Player = {
    play: async (bytes) => {
      calls.push(bytes.toString());
      shown = bytes.toString().trim().split(' ').at(-1) as keyof typeof SCREENS;
    },
    look: async () => {
      calls.push('look');
      const text = `❯ Fix it\n\n${SCREENS[shown]}\n${rule}\n❯ \n${rule}\n  ? for shortcuts`;
      return { text, title: shown === 'busy' ? '◐ x' : '✳ x', width: 120, height: 40 };
    },
    [Symbol.asyncDispose]: async () => {},
  };
  return { player, calls };
};

const chunk = (t: number, name: keyof typeof SCREENS): Chunk => ({
  t,
  bytes: Buffer.from(` ${name}`),
});

const watch = async (chunks: Chunk[], until = 10, gapMs = 30) => {
  const { player, calls } = createPane();
  const watched = await watchRun({ kind: 'claude-code', chunks }, player, { until, gapMs });
  return { ...watched, calls, told: watched.steps.map(({ t, state }) => [t, state]) };
};

describe('watchRun', () => {
  it('looks 8 ms after a change, and again after 30 ms at the earliest', async () => {
    const { calls } = await watch([
      ...[chunk(1, 'busy'), chunk(1.004, 'quiet'), chunk(1.01, 'busy'), chunk(1.02, 'busy')],
      chunk(1.05, 'busy'),
    ]);
    expect(calls).toEqual([' busy quiet', 'look', ' busy busy', 'look', ' busy', 'look']);
  });

  it('looks less often where it is told to', async () => {
    const { calls } = await watch(
      [chunk(1, 'busy'), chunk(1.1, 'quiet'), chunk(1.9, 'busy')],
      2.1,
      1000,
    );
    expect(calls).toEqual([' busy', 'look', ' quiet busy', 'look']);
  });

  it('tells a turn at once, and its end once two looks agree', async () => {
    const { told } = await watch([chunk(1, 'busy'), chunk(2, 'quiet')]);
    expect(told).toEqual([
      [0, null],
      [1.008, 'reading'],
      [2.308, 'complete'],
    ]);
  });

  it('lets the machine’s own clock run between the changes', async () => {
    const { told, steps } = await watch([chunk(1, 'busy')], 400);
    expect(told.at(-1)).toEqual([301.008, 'stuck']);
    expect(steps.at(-1)).toMatchObject({ reason: 'silent', rule: 'clock.silent' });
  });

  it('takes nothing from after the end', async () => {
    const { told, calls } = await watch([chunk(1, 'busy'), chunk(3, 'quiet')], 2);
    expect(told.at(-1)?.[1]).toBe('reading');
    expect(calls).not.toContain(' quiet');
  });
});
