/**
 * Ties hooks to panes. Their payloads name neither pane nor terminal: what `hooks install` has the
 * agent send along does; else it is known from an earlier hook of the same conversation, or found
 * where only one agent of that make works in that folder.
 */

import type { HookOrigin, HookPayload } from '../../actors/ports.ts';
import type { ServerIdentity, SessionFacts } from '../../machines/vocabulary.ts';

/** One watched session, as far as a hook can be told to be about it. */
export interface HookedAgent {
  server: ServerIdentity;
  facts: SessionFacts;
  exited: boolean;
}

export interface Tied {
  /** The sessions that show the pane: more than one where they are grouped. */
  keys: string[];
  server: ServerIdentity;
  pane: string;
}

export interface Ties {
  /** Null where it is about no agent that is watched, or about any of several. */
  find(payload: HookPayload, origin: HookOrigin): Tied | null;
}

/** @param agents what is watched now, by key. */
export const createTies = (agents: () => ReadonlyMap<string, HookedAgent>): Ties => {
  /** Conversations that are known, the latest last. */
  const known = new Map<string, Place>();

  const remember = (id: string | undefined, place: Place) => {
    if (id === undefined) return;
    known.delete(id);
    known.set(id, place);
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  };

  const placeOf = (payload: HookPayload, origin: HookOrigin): Place | null => {
    const all = [...agents().values()];
    if (origin.pane !== null)
      return all.map(toPlace).find((place) => isNamed(place, origin)) ?? null;
    const seen = known.get(conversationOf(payload) ?? '');
    if (seen && all.some((agent) => !agent.exited && isSame(toPlace(agent), seen))) return seen;
    const taken = [...known.values()];
    const places = all
      .filter((agent) => couldPost(agent, payload))
      .map(toPlace)
      .filter((place) => !taken.some((other) => isSame(place, other)));
    const [first, ...more] = places;
    return first && more.every((place) => isSame(place, first)) ? first : null;
  };

  return {
    find: (payload, origin) => {
      const place = placeOf(payload, origin);
      if (!place) return null;
      const id = conversationOf(payload);
      if (payload.hook_event_name === 'SessionEnd') known.delete(id ?? '');
      else remember(id, place);
      const keys = [...agents()].flatMap(([key, agent]) =>
        isSame(toPlace(agent), place) ? [key] : [],
      );
      return { keys, server: place.server, pane: place.pane };
    },
  };
};

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

const isSame = (one: Place, other: Place): boolean =>
  one.pane === other.pane &&
  one.agentPid === other.agentPid &&
  one.server.pid === other.server.pid &&
  one.server.startTime === other.server.startTime;

/** Pane ids are unique within one server only; `$TMUX` is its socket, its pid and a number. */
const isNamed = ({ pane, server }: Place, origin: HookOrigin): boolean =>
  pane === origin.pane && (origin.serverPid === null || server.pid === origin.serverPid);

/** Codex calls it a thread where it speaks of ended turns only. */
const conversationOf = (payload: HookPayload): string | undefined =>
  payload.session_id ?? payload['thread-id'];

const couldPost = ({ facts, exited }: HookedAgent, payload: HookPayload): boolean =>
  !exited && facts.agentPid !== null && facts.cwd === payload.cwd && facts.kind === kindOf(payload);

/** Only Codex numbers its turns. */
const kindOf = (payload: HookPayload): 'codex' | 'claude-code' =>
  payload.turn_id !== undefined ||
  payload.type !== undefined ||
  payload.transcript_path?.includes('/.codex/') === true
    ? 'codex'
    : 'claude-code';
