/** Sends one agent's commands as a careful caller does: until each is answered, under one key. */

import { setTimeout as delay } from 'node:timers/promises';
import { tryCall } from './calls.ts';
import type { Errand } from './plan.ts';
import type { Scene } from './scene.ts';

export interface Sent {
  agent: number;
  text: string;
  /** Null where it was refused, or never answered. */
  id: string | null;
}

const AGAIN_AFTER_MS = 100;

/** Answers what became of each, in the order in which they were sent. */
export const sendErrands = async (
  scene: Scene,
  errands: readonly Errand[],
  options: { seed: number; beganAt: number; signal: AbortSignal },
): Promise<Sent[]> => {
  const sent: Sent[] = [];
  for (const errand of errands) {
    const waitMs = options.beganAt + errand.at - performance.now();
    if (waitMs > 0) await delay(waitMs, undefined, { signal: options.signal });
    const text = textOf(errand);
    const id = await sendOne(scene, errand, { ...options, text });
    sent.push({ agent: errand.agent, text, id });
  }
  return sent;
};

/** No text is a part of another. */
const textOf = ({ agent, number }: Errand): string => `do #${number} of agent ${agent + 1}.`;

/** Which agent a text is for, or null where it is nobody's. */
export const agentOf = (text: string): number | null => {
  const agent = /^do #\d+ of agent (\d+)\.$/.exec(text)?.[1];
  return agent === undefined ? null : Number(agent) - 1;
};

const sendOne = async (
  { watched, troupe, violation }: Scene,
  { agent, number, when }: Errand,
  { seed, signal, text }: { seed: number; signal: AbortSignal; text: string },
): Promise<string | null> => {
  // A session that is renamed meanwhile is not found any more: then it is not sent.
  const path = `/api/agents/${encodeURIComponent(troupe.name(agent))}/command`;
  const call = {
    body: { command: text, when },
    headers: { 'idempotency-key': `${seed} ${agent} ${number}` },
  };
  for (;;) {
    signal.throwIfAborted();
    const answer = await tryCall(watched.daemon, 'POST', path, call);
    if (answer?.status === 202) return (answer.body as { id: string }).id;
    if (answer !== null && REFUSED.has(answer.status)) return null;
    if (answer !== null && !PASSING.has(answer.status)) {
      violation(`POST ${path} was answered with ${answer.status} ${JSON.stringify(answer.body)}`);
      return null;
    }
    await delay(AGAIN_AFTER_MS);
  }
};

/** No such session, or its pane is gone. */
const REFUSED = new Set([404, 410]);
/** Full, stopping, or nothing can be written: later it may. */
const PASSING = new Set([429, 502, 503, 507]);
