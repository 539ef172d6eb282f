/** Which of the commands that wait for one pane is typed next. */

import type { Order, Reading } from './command-context.ts';
import type { AgentKind, Hold, State } from './vocabulary.ts';

export interface ServedAgent {
  kind: AgentKind;
  /** Null until its session was judged for the first time. */
  state: State | null;
  /** False where it was just given a text and may not have shown yet that it works on it. */
  settled: boolean;
}

/**
 * The first that may be typed now, or null. What waits holds back what came after it, but for what
 * is to be typed whatever is in the way: answers, interrupts, `force`, and `now` past a draft. What
 * is meant for a session that nobody watches at the moment waits without being in the way.
 */
export const nextToServe = <Waiting extends Order & { key: string }>(
  waiting: readonly Waiting[],
  agentOf: (key: string) => ServedAgent | null,
  sight: Reading,
): Waiting | null => {
  let isHeld = false;
  for (const order of waiting) {
    const agent = agentOf(order.key);
    if (agent === null) continue;
    if (order.act.action !== 'text' || order.when === 'force') return order;
    if (isHeld && order.when !== 'now') continue;
    if (holdOf(order, agent, sight) === null) return order;
    isHeld = true;
  }
  return null;
};

/** Why each of those that wait is not typed now, where `nextToServe` finds none that may be. */
export const holdsOf = <Waiting extends Order & { id: string; key: string }>(
  waiting: readonly Waiting[],
  agentOf: (key: string) => ServedAgent | null,
  sight: Reading,
): Map<string, Hold> => {
  let isHeld = false;
  const holds = new Map<string, Hold>();
  for (const order of waiting) {
    const agent = agentOf(order.key);
    const own = agent === null ? 'not-watched' : holdOf(order, agent, sight);
    const isBehind = isHeld && agent !== null && order.when !== 'now';
    holds.set(order.id, isBehind || own === null ? 'another-first' : own);
    isHeld ||= agent !== null;
  }
  return holds;
};

/** What is in the way of a text, or null. */
const holdOf = (
  { when }: Order,
  { kind, state, settled }: ServedAgent,
  sight: Reading,
): Hold | null => {
  const { attention, activity, composer } = sight.verdict;
  if (state === null) return 'not-judged';
  if (attention !== 'none') return 'dialog-open';
  const isIdle = settled && state === 'complete' && activity === 'complete';
  if (when === 'idle' && !isIdle) return 'busy';
  // What runs in a shell reads what is typed when it wants to; at its prompt a draft may stand.
  if (kind === 'generic') {
    const isInTheWay = activity !== 'working' && composer.content === 'draft' && when !== 'now';
    return isInTheWay ? 'draft-in-composer' : null;
  }
  if (composer.content === 'empty' || composer.content === 'placeholder') return null;
  if (composer.content === 'absent') return 'composer-not-seen';
  return when === 'now' ? null : 'draft-in-composer';
};
