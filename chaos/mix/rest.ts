/** Brings everything to rest after a run, as people do who come back to their agents. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Stats } from '../../actors/ports.ts';
import type { AgentDetail } from '../../machines/vocabulary.ts';
import type { TestDaemon } from '../../test/support/daemon.ts';
import { tryCall } from './calls.ts';
import type { Scene } from './scene.ts';
import { type Compared, misjudged } from './states.ts';
import type { OwnState } from './troupe.ts';

/** What a person asks of an agent in the end, so that what it does is known. */
export const LAST_PROMPT = 'And now the last one.';

/** As long as typing may be held back after many starts in a row, and a turn. */
const STANDSTILL_MS = 75_000;
const REST_WITHIN_MS = 30_000;
const AGAIN_AFTER_MS = 200;

/** Waits for the end of all commands, and takes away what holds them back; false where some stand still. */
export const untilCommandsEnd = async (scene: Scene): Promise<boolean> => {
  const { watched, troupe } = scene;
  const stands = new Map<number, { still: string; since: number }>();
  let open = Infinity;
  let standsUntil = performance.now() + STANDSTILL_MS;
  for (;;) {
    scene.signal.throwIfAborted();
    const left = await openCommands(watched.daemon);
    if (left === 0) return true;
    if (left < open) standsUntil = performance.now() + STANDSTILL_MS;
    if (performance.now() > standsUntil) return false;
    open = Math.min(open, left);
    for (let agent = 0; agent < troupe.size; agent += 1) {
      const own = await troupe.order(agent, 'state');
      if (own?.phase === 'dialog') await troupe.order(agent, 'next');
      const still = JSON.stringify([own?.phase, own?.truth.activity, own?.draft]);
      const before = stands.get(agent);
      if (before?.still !== still) stands.set(agent, { still, since: performance.now() });
      else if (own?.phase === 'prompt' && performance.now() - before.since > STANDS_MS) {
        // What stands there for a while is not being typed: it was left.
        if (own.draft !== '') await troupe.order(agent, 'key ctrl-u');
        // What is to be typed into an idle agent waits until a turn of it ends well.
        else if (own.truth.activity !== 'complete') await submit(scene, agent);
      }
    }
    await delay(AGAIN_AFTER_MS);
  }
};

const openCommands = async (daemon: TestDaemon): Promise<number> => {
  const answer = await tryCall(daemon, 'GET', '/api/stats');
  if (answer?.status !== 200) return Infinity;
  const { queued, sending } = (answer.body as Stats).commands;
  return queued + sending;
};

/** Longer than a delivery leaves a text in the composer. */
const STANDS_MS = 3_000;

/** Asks each agent for one more turn, and waits until it ends or asks something itself. */
export const untilAtRest = async (scene: Scene): Promise<void> => {
  const { troupe } = scene;
  await within(scene, REST_WITHIN_MS, async () => {
    const states = await ownStates(troupe);
    for (const [agent, own] of states.entries())
      if (own?.phase === 'dialog') await troupe.order(agent, 'next');
    return states.every((own) => own?.phase === 'prompt');
  });
  for (let agent = 0; agent < troupe.size; agent += 1) {
    await troupe.order(agent, 'key ctrl-u');
    await submit(scene, agent);
  }
  await within(scene, REST_WITHIN_MS, async () =>
    (await ownStates(troupe)).every((own) => own !== null && own.phase !== 'turn'),
  );
};

const submit = async ({ troupe }: Scene, agent: number): Promise<void> => {
  for (const line of [`text ${LAST_PROMPT}`, 'key enter']) await troupe.order(agent, line);
};

/** What each agent is and does, for whoever has to find out why something did not end. */
export const describeAgents = async (scene: Scene): Promise<string> =>
  (await compared(scene))
    .map(({ name, said, own }) => {
      const { phase, truth, draft } = own ?? {};
      const { state, reason, attention, connection, queued } = said ?? {};
      return JSON.stringify({
        name,
        phase,
        truth,
        draft,
        state,
        reason,
        attention,
        connection,
        queued,
      });
    })
    .join('\n');

/** What is said wrongly of agents at rest, once that says what is right or has had its time. */
export const untilJudged = async (scene: Scene, ms: number): Promise<string[]> => {
  let wrong: string[] = [];
  await within(scene, ms, async () => {
    wrong = misjudged(await compared(scene));
    return wrong.length === 0;
  });
  return wrong;
};

const compared = async ({
  troupe,
  watched,
}: Scene): Promise<(Compared & { said: AgentDetail | null; own: OwnState | null })[]> =>
  Promise.all(
    Array.from({ length: troupe.size }, async (_, agent) => {
      const name = troupe.name(agent);
      const path = `/api/agents/${encodeURIComponent(name)}`;
      const answer = await tryCall(watched.daemon, 'GET', path);
      const said = answer?.status === 200 ? (answer.body as AgentDetail) : null;
      const own = await troupe.order(agent, 'state');
      return { name, said, own, pane: troupe.life(agent).paneId };
    }),
  );

const ownStates = (troupe: Scene['troupe']) =>
  Promise.all(Array.from({ length: troupe.size }, (_, agent) => troupe.order(agent, 'state')));

/** Asks until it is so, or the time is over: the checks say what is missing. */
export const within = async (
  { signal }: Scene,
  ms: number,
  isSo: () => Promise<boolean>,
): Promise<boolean> => {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    signal.throwIfAborted();
    if (await isSo()) return true;
    await delay(AGAIN_AFTER_MS);
  }
  return false;
};
