import { expect, it } from 'vitest';
import { type MixReport, mixChaos } from '../../chaos/mix/mix.ts';
import { newSeed } from '../../chaos/random.ts';

const FIXED_SEED = 7;

/** A daemon that types nothing, and a run in which nothing goes wrong, violate nothing either. */
const expectMuch = ({ counts, faults }: MixReport): void => {
  const sent = Object.entries(counts).filter(([name]) => name.startsWith('commands sent'));
  expect(sent.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(3);
  expect(Object.values(faults).filter(({ done }) => done > 0).length).toBeGreaterThan(5);
};

it.for([
  { which: 'the same seed each time', seed: FIXED_SEED },
  { which: 'another seed each time', seed: Number(process.env.CHAOS_SEED ?? newSeed()) },
])(
  'what goes wrong with $which leaves one story',
  { timeout: 300_000 },
  async ({ seed }, { annotate }) => {
    await annotate(`CHAOS_SEED=${seed}`);
    const said: string[] = [];
    const report = await mixChaos({
      ...{ seed, ms: 6_000, sessions: 4, keep: false, damage: true },
      signal: new AbortController().signal,
      say: (text) => said.push(text),
    });
    expect(report.violations, `CHAOS_SEED=${seed}\n${said.join('\n')}`).toEqual([]);
    expectMuch(report);
  },
);
