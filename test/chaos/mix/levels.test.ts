import { describe, expect, it } from 'vitest';
import { type Levels, leaksIn } from '../../../chaos/mix/levels.ts';

const MB = 1024 * 1024;

const levels = (more: Partial<Levels> = {}): Levels => ({
  clients: [
    { pid: 11, parent: 10 },
    { pid: 12, parent: 10 },
  ],
  ...{ daemon: 10, children: 2, descriptors: 46, buffers: [], temporary: [] },
  ...more,
});

const limits = { sessions: 2, before: levels(), peak: 200 * MB };

const clients = (count: number, parent: number) =>
  Array.from({ length: count }, (_, index) => ({ pid: 11 + index, parent }));

describe('leaksIn', () => {
  it.each<{ what: string; now: Levels }>([
    { what: 'where all is as before', now: levels() },
    {
      what: 'in clients that came in the place of the shared one',
      now: levels({ clients: clients(4, 10), children: 4, descriptors: 52 }),
    },
  ])('finds nothing $what', ({ now }) => {
    expect(leaksIn(now, limits)).toEqual([]);
  });

  it.each<{ what: string; now?: Partial<Levels>; peak?: number; says: string }>([
    {
      what: 'a client that an earlier life left',
      now: { clients: [{ pid: 13, parent: 1 }] },
      says: "the tmux client 13 is not the daemon's and was left",
    },
    {
      what: 'too many clients',
      now: { clients: clients(6, 10) },
      says: '6 tmux clients for 2 sessions',
    },
    {
      what: 'too many children',
      now: { children: 6, descriptors: 60 },
      says: '6 children for 2 sessions',
    },
    {
      what: 'descriptors',
      now: { descriptors: 57 },
      says: "51 descriptors besides its children's, before: 40",
    },
    {
      what: 'a paste buffer',
      now: { buffers: ['agent-monitor-1-aa'] },
      says: 'the paste buffer agent-monitor-1-aa was left',
    },
    {
      what: 'a temporary file',
      now: { temporary: ['left'] },
      says: 'the temporary file left was left',
    },
    { what: 'too much memory', peak: 501 * MB, says: 'the daemon took 501 MB' },
  ])('finds $what', ({ now = {}, peak = limits.peak, says }) => {
    expect(leaksIn(levels(now), { ...limits, peak })).toContain(says);
  });
});
