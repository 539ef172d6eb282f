/**
 * Ties hooks to panes. Their payloads name neither pane nor terminal: what `hooks install` has the
 * agent send along does; else it is known from an earlier hook of the same conversation, or found
 * where only one agent of that make works in that folder.
 */

import type { HookOrigin, HookPayload } from '../../actors/ports.ts';
import type { ServerIdentity, SessionFacts } from '../../machines/vocabulary.ts';
import { createBounded } from './bounded.ts';
import { HOOK_AGENTS, type HookAgent } from './hook-agents.ts';

/** One watched session, as far as a hook can be told to be about it. */
export interface HookedAgent {
  server: ServerIdentity;
  facts: SessionFacts;
  exited: boolean;
}

interface Tied {
  /** The sessions that show the pane: more than one where they are grouped. */
  keys: string[];
  server: ServerIdentity;
  pane: string;
  agentPid: number | null;
}

export interface Ties {
  /** Null where it is about no agent that is watched, or about any of several. */
  find(payload: HookPayload, origin: HookOrigin): Tied | null;
}

/** @param agents what is watched now, by key. */
export const createTies = (agents: () => ReadonlyMap<string, HookedAgent>): Ties => {
  /** Where each conversation was last heard of. */
  const known = createBounded<Place>(MAX_KNOWN);

  const placeOf = (payload: HookPayload, origin: HookOrigin): Place | null => {
    const all = agents().values();
    if (origin.pane !== null) {
      const named = all.find((agent) => isNamed(agent, origin));
      return named && !isOfAnother(named, origin) ? toPlace(named) : null;
    }
    const seen = known.get(conversationOf(payload) ?? '');
    if (seen && all.some((agent) => !agent.exited && isAt(agent, seen))) return seen;
    const make = origin.agent ?? makeOf(payload);
    const taken = [...known.values()];
    const [first, ...more] = [...agents().values()].filter(
      (agent) => couldPost(agent, payload, make) && !taken.some((other) => isAt(agent, other)),
    );
    const place = first && toPlace(first);
    return place && more.every((agent) => isAt(agent, place)) ? place : null;
  };

  return {
    find: (payload, origin) => {
      const place = placeOf(payload, origin);
      if (!place) return null;
      const id = conversationOf(payload);
      if (payload.hook_event_name === 'SessionEnd') known.delete(id ?? '');
      else if (id !== undefined) known.set(id, place);
      const keys = agents()
        .entries()
        .filter(([, agent]) => isAt(agent, place))
        .map(([key]) => key)
        .toArray();
      return { keys, ...place };
    },
  };
};

/** Codex calls it a thread where it speaks of ended turns only. */
export const conversationOf = (payload: HookPayload): string | undefined =>
  payload.session_id ?? payload['thread-id'];

const MAX_KNOWN = 1_000;

/** A pane, and whose it is: another agent may follow there. */
interface Place {
  server: ServerIdentity;
  pane: string;
  agentPid: number | null;
}

const toPlace = ({ server, facts: { pane, agentPid } }: HookedAgent): Place => ({
  server,
  pane,
  agentPid,
});

const isAt = ({ server, facts }: HookedAgent, place: Place): boolean =>
  facts.pane === place.pane &&
  facts.agentPid === place.agentPid &&
  server.pid === place.server.pid &&
  server.startTime === place.server.startTime;

/** Pane ids are unique within one server only; `$TMUX` is its socket, its pid and a number. */
const isNamed = ({ facts, server }: HookedAgent, origin: HookOrigin): boolean =>
  facts.pane === origin.pane && (origin.serverPid === null || server.pid === origin.serverPid);

/** What an agent runs inherits its pane, and may be an agent of another make. */
const isOfAnother = ({ facts: { kind } }: HookedAgent, { agent }: HookOrigin): boolean =>
  agent !== null && agent !== kind && HOOK_AGENTS.some((one) => one === kind);

const couldPost = ({ facts, exited }: HookedAgent, { cwd }: HookPayload, make: string): boolean =>
  !exited && facts.agentPid !== null && facts.cwd === cwd && facts.kind === make;

/** A hook that `hooks install` has not put there does not say it. Only Codex numbers its turns. */
const makeOf = (payload: HookPayload): HookAgent =>
  payload.turn_id !== undefined ||
  payload.type !== undefined ||
  payload.transcript_path?.includes('/.codex/') === true
    ? 'codex'
    : 'claude-code';
