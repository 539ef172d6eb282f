/**
 * Keeps an agent's hooks apart from those of agents that its commands run. `claude -p` in a script
 * inherits the settings and the pane's environment, so it posts as if the pane were its own.
 */

import type { Clock, HookPayload } from '../../actors/ports.ts';
import { type Bounded, createBounded } from './bounded.ts';
import { eventOf, unfinishedTasks } from './reports.ts';
import { conversationOf } from './ties.ts';

export interface NestedAgents {
  /**
   * Whether this hook is of an agent that runs within the one in the pane. Each hook is to be shown
   * here once, in order.
   * @param place the pane and the process of its agent.
   */
  isNested(place: string, payload: HookPayload): boolean;
}

export const createNestedAgents = (clock: Pick<Clock, 'monotonic'>): NestedAgents => {
  const panes = createBounded<Pane>(MAX_PANES);

  const paneAt = (place: string): Pane => {
    const pane = panes.get(place) ?? {
      ...{ own: null, heardAt: 0, nested: createBounded<true>(MAX_NESTED) },
      ...{ commands: new Set<string>(), hasBackground: false },
    };
    panes.set(place, pane);
    return pane;
  };

  const isHeld = ({ commands, hasBackground, heardAt }: Pane): boolean =>
    (commands.size > 0 || hasBackground) && clock.monotonic() - heardAt < HOLD_MS;

  return {
    isNested: (place, payload) => {
      const conversation = conversationOf(payload);
      if (conversation === undefined) return false;
      const pane = paneAt(place);
      if (pane.own !== conversation) {
        if (isHeld(pane)) {
          pane.nested.set(conversation, true);
          return true;
        }
        const isBegun = eventOf(payload) === 'UserPromptSubmit';
        if (pane.nested.get(conversation) && !isBegun) return true;
        pane.nested.delete(conversation);
        own(pane, conversation);
      }
      pane.heardAt = clock.monotonic();
      follow(pane, payload);
      return false;
    },
  };
};

interface Pane {
  /** The conversation of the pane's own agent. */
  own: string | null;
  heardAt: number;
  /** Calls of it that may run an agent, and have not ended. */
  commands: Set<string>;
  /** A command of it goes on though its call has ended. */
  hasBackground: boolean;
  /** Conversations that were begun within such a call. */
  nested: Bounded<true>;
}

const MAX_PANES = 1_000;
const MAX_NESTED = 100;
/**
 * Claude Code ends a command after 10 minutes. A call that Escape ended is never told to have ended,
 * nor does Codex tell when a conversation ends: another one must not stay unheard for ever.
 */
const HOLD_MS = 600_000;

const follow = (pane: Pane, payload: HookPayload): void => {
  const { agent_id: subagent, tool_name: tool = '', tool_use_id: call = '' } = payload;
  switch (eventOf(payload)) {
    case 'PreToolUse':
      if (mayRunAgents(tool)) pane.commands.add(call);
      return;
    case 'PostToolUse':
    case 'PostToolUseFailure':
      pane.commands.delete(call);
      if (isLeftRunning(payload.tool_input)) pane.hasBackground = true;
      return;
    case 'UserPromptSubmit':
    case 'StopFailure':
      if (subagent === undefined) pane.commands.clear();
      return;
    case 'Stop':
      if (subagent !== undefined) return;
      pane.commands.clear();
      pane.hasBackground = unfinishedTasks(payload).some(({ type }) => type !== 'subagent');
      return;
    case 'SessionEnd':
      own(pane, null);
  }
};

const own = (pane: Pane, conversation: string | null): void => {
  pane.own = conversation;
  pane.commands.clear();
  pane.hasBackground = false;
};

/** A question to the user runs nothing, and its answer may begin another conversation. */
const mayRunAgents = (tool: string): boolean => tool === 'Bash' || tool.startsWith('mcp__');

const isLeftRunning = (input: unknown): boolean =>
  typeof input === 'object' &&
  input !== null &&
  'run_in_background' in input &&
  input.run_in_background === true;
