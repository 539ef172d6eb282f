/** Which of the commands that wait for one pane is typed next. */

import type { Order, Reading } from './command-context.ts';
import type { AgentKind, State } from './vocabulary.ts';

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
    if (mayType(order, agent, sight)) return order;
    isHeld = true;
  }
  return null;
};

const mayType = (
  { when }: Order,
  { kind, state, settled }: ServedAgent,
  sight: Reading,
): boolean => {
  const { attention, activity, composer } = sight.verdict;
  if (state === null || attention !== 'none') return false;
  const isIdle = settled && state === 'complete' && activity === 'complete';
  if (when === 'idle' && !isIdle) return false;
  // What runs in a shell reads what is typed when it wants to; at its prompt a draft may stand.
  if (kind === 'generic') {
    return activity === 'working' || composer.content !== 'draft' || when === 'now';
  }
  if (composer.content === 'empty' || composer.content === 'placeholder') return true;
  return when === 'now' && composer.content !== 'absent';
};
