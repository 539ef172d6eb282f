/**
 * Lets everything go wrong that can, all at once and as a seed has it, and finds what must not be:
 * what callers, panes, journal, stream and the agents themselves tell must be one story in the end.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { callersHand } from './callers-hand.ts';
import { violationsOf } from './checks.ts';
import { daemonHand } from './daemon-hand.ts';
import { checkDamage } from './damage.ts';
import { checkEnding } from './ending.ts';
import { gatherStory } from './gather.ts';
import { type Levels, leaksIn, readLevels } from './levels.ts';
import { describeFault, FAULTS_HEAD, HANDS, type Plan, planOf } from './plan.ts';
import { redisHand } from './redis-hand.ts';
import { describeAgents, untilAtRest, untilCommandsEnd, untilJudged, within } from './rest.ts';
import type { AnyDoings, Scene } from './scene.ts';
import { type Sent, sendErrands } from './sender.ts';
import { type StageOptions, setStage } from './stage.ts';
import { tmuxHand } from './tmux-hand.ts';

export interface MixOptions extends StageOptions {
  seed: number;
  /** Damages the databases when all else is over. */
  damage: boolean;
}

export interface MixReport {
  /** How often each fault was done, and how often it could not be. */
  faults: Record<string, { done: number; missed: number }>;
  /** How many of what there was: commands by their end, events, lives of agents. */
  counts: Record<string, number>;
  /** What must not be; empty where all is well. */
  violations: string[];
}

const FOUND_WITHIN_MS = 30_000;
const JUDGED_WITHIN_MS = 20_000;
const SETTLED_WITHIN_MS = 15_000;

export const mixChaos = async (options: MixOptions): Promise<MixReport> => {
  const { say, sessions } = options;
  const plan = planOf({ seed: options.seed, ms: options.ms, agents: sessions });
  const violations: string[] = [];
  const violation = (text: string): void => {
    say(`VIOLATION ${text}`);
    violations.push(text);
  };
  await using stage = await setStage(options, violation);
  const { scene } = stage;
  const { watched, troupe } = scene;

  for (const text of await untilJudged(scene, FOUND_WITHIN_MS)) violation(`at first: ${text}`);
  const before = await readLevels(scene);
  const { faults, sent } = await runPlan(scene, plan, options);
  say('everything is left alone from here on');
  if (!(await untilCommandsEnd(scene)))
    violation(`not all commands end:\n${await describeAgents(scene)}`);
  await troupe.settle();
  await untilAtRest(scene);
  for (const text of await untilJudged(scene, JUDGED_WITHIN_MS)) violation(text);
  const story = await gatherStory(scene, { sent, machinePauses: stage.machinePauses });
  for (const text of violationsOf(story)) violation(text);
  for (const text of await lastingLeaks(scene, { sessions, before })) violation(text);
  for (const text of await checkEnding(scene, story.journal.length)) violation(text);
  if (options.damage) {
    say(`the databases are damaged: ${JSON.stringify(plan.damage)}`);
    for (const text of await checkDamage(scene, plan.damage)) violation(`damaged: ${text}`);
  }
  for (const text of await watched.stop()) violation(text);
  if (troupe.toldToEnd() > 0)
    violation(`the tmux server was told to end ${troupe.toldToEnd()} times`);
  return {
    faults,
    violations,
    counts: {
      ...countBy(
        story.commands,
        ({ status, error, evidence }) => `commands ${status} (${error ?? evidence})`,
      ),
      'commands refused': sent.filter(({ id }) => id === null).length,
      events: story.journal.length,
      'lives of agents': story.lives.length,
      'lives of the daemon': watched.starts,
      'most MB of the daemon': Math.round(watched.peak / 1_048_576),
      'connections of the reader': scene.reader.connections(),
      'tmux servers that died by themselves': troupe.ownDeaths(),
    },
  };
};

/** What is still too much when there was time to let go of it. */
const lastingLeaks = async (
  scene: Scene,
  { sessions, before }: { sessions: number; before: Levels },
): Promise<string[]> => {
  let leaks: string[] = [];
  await within(scene, SETTLED_WITHIN_MS, async () => {
    leaks = leaksIn(await readLevels(scene), { sessions, before, peak: scene.watched.peak });
    return leaks.length === 0;
  });
  return leaks;
};

/** Does all that the plan has, each thing at its time or as soon after it as may be. */
const runPlan = async (scene: Scene, plan: Plan, options: MixOptions) => {
  const { seed, say } = options;
  const beganAt = performance.now();
  // One that fails ends the others too.
  const failing = new AbortController();
  const signal = AbortSignal.any([options.signal, failing.signal]);
  const faults: MixReport['faults'] = {};
  say(FAULTS_HEAD);
  const doings: Record<(typeof HANDS)[number], AnyDoings> = {
    daemon: daemonHand(scene),
    redis: redisHand(scene),
    tmux: tmuxHand(scene),
    callers: callersHand(scene),
  };

  const act = async (hand: (typeof HANDS)[number]): Promise<void> => {
    let dueAt = beganAt;
    for (const fault of plan.faults[hand]) {
      // Where this machine is slow, what comes next comes later too, and in the end not at all.
      const dueMs = Math.max(beganAt + fault.at, dueAt + fault.pauseMs) - performance.now();
      if (performance.now() + dueMs > beganAt + options.ms) return;
      if (dueMs > 0) await delay(dueMs, undefined, { signal });
      signal.throwIfAborted();
      const isDone = (await doings[hand][fault.name]?.(fault)) ?? false;
      say(
        `${secondsSince(beganAt)}${describeFault(fault)}${isDone ? '' : '  (could not be done)'}`,
      );
      dueAt = performance.now();
      const count = faults[fault.name] ?? { done: 0, missed: 0 };
      count[isDone ? 'done' : 'missed'] += 1;
      faults[fault.name] = count;
    }
  };
  const send = (agent: number): Promise<Sent[]> => {
    const errands = plan.errands.filter((errand) => errand.agent === agent);
    return sendErrands(scene, errands, { seed, beganAt, signal });
  };

  const acting = HANDS.map(act);
  const sending = Array.from({ length: options.sessions }, (_, agent) => send(agent));
  for (const part of [...acting, ...sending]) part.catch((error) => failing.abort(error));
  // All have ended before anything is taken down, and the first to fail is the one that is told.
  await Promise.allSettled([...acting, ...sending]);
  failing.signal.throwIfAborted();
  return { faults, sent: (await Promise.all(sending)).flat() };
};

const secondsSince = (beganAt: number): string =>
  ((performance.now() - beganAt) / 1000).toFixed(1).padStart(6);

const countBy = <Value>(values: readonly Value[], keyOf: (value: Value) => string) =>
  Object.fromEntries([...Map.groupBy(values, keyOf)].map(([key, { length }]) => [key, length]));
