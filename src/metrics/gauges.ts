/** What is looked up when somebody asks. */

import type { Clock, Monitor, Outbox } from '../../actors/ports.ts';
import { ATTENTIONS, STATES } from '../../machines/vocabulary.ts';
import type { Figures } from './figures.ts';

export interface GaugeSources {
  monitor: Pick<Monitor, 'agents' | 'stats' | 'health'>;
  outbox: Pick<Outbox, 'last' | 'after' | 'cursor'>;
  commands: {
    /** In ms since the epoch; null where none waits. */
    oldestQueuedAt(): number | null;
  };
  tmuxClients(): number;
  /** Of the data folder's disk. Throws where it cannot be told. */
  freeBytes(): number;
  clock: Clock;
}

/** The relay's pumps by what they tell, with the cursor that each keeps. */
const PUMPS = { stream: 'published', jobs: 'jobs' };

export const readGauges = (figures: Figures, sources: GaugeSources): void => {
  const { monitor, clock } = sources;
  const ageOf = (at: number | null): number =>
    at === null ? 0 : Math.max(0, clock.now() - at) / 1000;

  countAgents(figures, monitor);
  const { checks } = monitor.health();
  for (const [check, { status }] of Object.entries(checks)) {
    figures.checkOk.set({ check }, Number(status === 'ok'));
  }
  figures.redisUp.set(Number(checks.redis.status === 'ok'));

  const { uptime, eventLoop, watching, quarantined, commands, typing } = monitor.stats();
  figures.uptime.set(uptime);
  figures.eventLoopDelay.set({ stat: 'p99' }, eventLoop.p99 / 1000);
  figures.eventLoopDelay.set({ stat: 'max' }, eventLoop.max / 1000);
  figures.watched.set({ by: 'attached' }, watching.attached - watching.swept);
  figures.watched.set({ by: 'shared' }, watching.shared);
  figures.watched.set({ by: 'swept' }, watching.swept);
  figures.tmuxClients.set(sources.tmuxClients());
  figures.quarantined.set(quarantined.length);
  figures.queueDepth.set(commands.queued);
  figures.oldestCommand.set(ageOf(sources.commands.oldestQueuedAt()));
  figures.typing.set(Number(typing.on));

  for (const [to, consumer] of Object.entries(PUMPS)) {
    const { pending, oldestAt } = untold(sources.outbox, consumer);
    figures.untold.set({ to }, pending);
    figures.oldestUntold.set({ to }, ageOf(oldestAt));
  }
  readDisk(figures, sources);
};

const countAgents = (figures: Figures, monitor: GaugeSources['monitor']): void => {
  const living = monitor.agents({}).filter(({ connection }) => connection !== 'gone');
  figures.sessions.reset();
  figures.waiting.reset();
  // A kind that is there has all of its figures, also those that are 0.
  for (const agent of new Set(living.map(({ kind }) => kind))) {
    for (const state of STATES) figures.sessions.set({ agent, state }, 0);
    for (const attention of ATTENTIONS) {
      if (attention !== 'none') figures.waiting.set({ agent, attention }, 0);
    }
  }
  for (const { kind: agent, state, attention } of living) {
    figures.sessions.inc({ agent, state });
    if (attention !== 'none') figures.waiting.inc({ agent, attention });
  }
};

const untold = (
  outbox: GaugeSources['outbox'],
  consumer: string,
): { pending: number; oldestAt: number | null } => {
  const [oldest] = outbox.after(outbox.cursor(consumer), 1);
  if (oldest === undefined) return { pending: 0, oldestAt: null };
  return { pending: outbox.last() - oldest.seq + 1, oldestAt: oldest.timestamp };
};

const readDisk = (figures: Figures, { freeBytes }: GaugeSources): void => {
  try {
    figures.diskFree.set(freeBytes());
  } catch {
    // Such as a folder that was removed: the store's check says so. A number would be a lie.
    figures.diskFree.remove();
  }
};
