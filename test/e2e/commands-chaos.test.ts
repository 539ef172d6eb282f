import { expect, it } from 'vitest';
import { commandChaos } from '../../chaos/commands.ts';
import { newSeed } from '../../chaos/random.ts';

it('a daemon that is killed again and again types no command twice and loses none', {
  timeout: 300_000,
}, async ({ annotate }) => {
  const seed = Number(process.env.CHAOS_SEED ?? newSeed());
  await annotate(`CHAOS_SEED=${seed}`);
  const report = await commandChaos({ kills: 8, sessions: 5, commands: 10, seed, say: () => {} });
  expect(report.faults, `CHAOS_SEED=${seed}`).toEqual([]);
  // A daemon that types nothing makes no faults either.
  const sent = Object.entries(report.ended).filter(([way]) => way.startsWith('sent '));
  expect(sent.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(10);
});
