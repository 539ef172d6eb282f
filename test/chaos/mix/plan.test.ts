import { describe, expect, it } from 'vitest';
import { FAULTS, HANDS, planOf } from '../../../chaos/mix/plan.ts';

const FIVE_MINUTES = { ms: 300_000, agents: 12 };

describe('planOf', () => {
  it('is the same for the same seed', () => {
    expect(planOf({ seed: 7, ...FIVE_MINUTES })).toEqual(planOf({ seed: 7, ...FIVE_MINUTES }));
  });

  it('is another for another seed', () => {
    const [one, other] = [7, 8].map((seed) => planOf({ seed, ...FIVE_MINUTES }));
    for (const hand of HANDS) expect(one?.faults[hand]).not.toEqual(other?.faults[hand]);
    expect(one?.errands).not.toEqual(other?.errands);
  });

  it('damages any database, in any way, for one seed or another', () => {
    const damages = Array.from(
      { length: 60 },
      (_, seed) => planOf({ seed, ...FIVE_MINUTES }).damage,
    );
    for (const [key, many] of [
      ['end', 2],
      ['databases', 3],
      ['left', 3],
    ] as const)
      expect(new Set(damages.map((damage) => String(damage[key]))).size).toBe(many);
  });

  it('has no time for a row of crashes in a short run', () => {
    const names = Array.from({ length: 20 }, (_, seed) =>
      planOf({ seed, ms: 20_000, agents: 3 }).faults.daemon.map(({ name }) => name),
    ).flat();
    expect(names).toContain('daemon-killed');
    expect(names).not.toContain('daemon-looped');
  });

  it.each(HANDS)('has every fault of the %s in five minutes', (hand) => {
    const names = new Set(
      planOf({ seed: 7, ...FIVE_MINUTES }).faults[hand].map(({ name }) => name),
    );
    expect([...names].toSorted()).toEqual(Object.keys(FAULTS[hand]).toSorted());
  });

  it.each(HANDS)('begins no fault of the %s before the one before is over', (hand) => {
    const faults = planOf({ seed: 7, ...FIVE_MINUTES }).faults[hand];
    for (const [index, { at, lastsMs }] of faults.entries())
      expect(faults[index + 1]?.at ?? Infinity).toBeGreaterThan(at + lastsMs);
  });

  it('keeps within its time and its agents, each errand of one after the one before', () => {
    const { faults, errands } = planOf({ seed: 7, ms: 20_000, agents: 3 });
    const all = Object.values(faults).flat();
    expect(all.length).toBeGreaterThan(20);
    for (const { at, agent, lastsMs } of all) {
      expect(at).toBeLessThan(20_000);
      expect(agent).toBeLessThan(3);
      expect(lastsMs).toBeLessThanOrEqual(20_000 / 8);
    }
    for (const agent of [0, 1, 2]) {
      const numbers = errands
        .filter((errand) => errand.agent === agent)
        .map(({ number }) => number);
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
      expect(numbers).not.toEqual([]);
    }
  });

  it('leaves the last life of the daemon to live', () => {
    const { daemon } = planOf({ seed: 7, ...FIVE_MINUTES }).faults;
    const late = daemon.filter(({ at }) => at > 300_000 * 0.7).map(({ name }) => name);
    expect(late).not.toEqual([]);
    expect(late).not.toContain('daemon-killed');
    expect(late).not.toContain('daemon-stopped');
  });
});
