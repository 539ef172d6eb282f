/** How the daemon is: asked for every two seconds while somebody looks. */

import { signal } from '@preact/signals';
import type { CommandStatus } from '../../../machines/vocabulary.ts';
import { get, getText, Problem } from './api.ts';
import { cpuSecondsIn, type Measured, type Sample, sampleOf, withSample } from './samples.ts';

/** As `GET /health` answers. */
export interface Health {
  status: 'ok' | 'degraded';
  version: string;
  /** Seconds. */
  uptime: number;
  checks: Record<string, { status: 'ok' | 'degraded' | 'down'; detail?: string }>;
}

/** A part of the daemon, or a session whose part does not run. */
export interface SupervisedPart {
  actor: string;
  session: string;
  status: 'running' | 'waiting' | 'spent' | 'quarantined';
  restarts: number;
  since: number | null;
  error: string;
  nextAt: number | null;
}

/** As `GET /api/stats` answers. */
export interface Stats {
  agents: { total: number; gone: number };
  commands: Record<CommandStatus, number>;
  events: { last: number; oldest: number; relayed: number };
  supervision: SupervisedPart[];
  watching: { attached: number; shared: number; swept: number };
  typing: { on: boolean; recentStarts: number };
  uptime: number;
  memory: { rss: number; heapUsed: number };
  eventLoop: { p99: number; max: number };
}

export const vitals = signal<{ health: Health; stats: Stats } | null>(null);
/** Why there are none, or no newer ones; empty where all is well. */
export const vitalsProblem = signal('');
/** They are kept while other pages are looked at, with a gap. */
export const samples = signal<readonly Sample[]>([]);

const EVERY_MS = 2_000;

let before: Measured | null = null;

/** Answers how to end it. */
export const followVitals = (): (() => void) => {
  let timer: ReturnType<typeof setTimeout>;
  let isEnded = false;
  const ask = async (): Promise<void> => {
    await measure();
    if (!isEnded) timer = setTimeout(ask, EVERY_MS);
  };
  void ask();
  return () => {
    isEnded = true;
    clearTimeout(timer);
  };
};

/** At once, because something was done about it. */
export const measure = async (): Promise<void> => {
  try {
    const [health, stats, metrics] = await Promise.all([
      get<Health>('/health'),
      get<Stats>('/api/stats'),
      getText('/metrics'),
    ]);
    const measured: Measured = {
      ...{ at: Date.now(), cpuSeconds: cpuSecondsIn(metrics), lastEvent: stats.events.last },
      ...{ uptime: stats.uptime, rss: stats.memory.rss, heapUsed: stats.memory.heapUsed },
      loopP99: stats.eventLoop.p99,
    };
    vitals.value = { health, stats };
    vitalsProblem.value = '';
    samples.value = withSample(samples.peek(), sampleOf(before, measured));
    before = measured;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    vitalsProblem.value = error.message;
  }
};
