/** Keeps the list of watched sessions true: asks tmux on every hint, and slowly even without one. */

import { type AnyEventObject, fromCallback } from 'xstate';
import {
  type AgentSighting,
  type Finding,
  reconcile,
  type Wanted,
  type Watched,
} from '../machines/discovery.ts';
import type { AgentKind, Pane } from '../machines/vocabulary.ts';
import type { Clock, Log, Processes, ProcessInfo, Tmux } from './ports.ts';

const LIST_EVERY_MS = 1_500;
/** Hints come in bursts (a new session is several notifications): one listing answers them all. */
const SETTLE_MS = 20;
/** Hints that arrive during a listing are answered by one more, but not in a tight loop. */
const LIST_AGAIN_MS = 100;
/**
 * A program can start another below it, or turn into an agent, without tmux noticing: what runs in a
 * pane is looked up again at once, then after twice the time each, at last every ten seconds.
 */
const LOOK_BELOW_EVERY_MS = 10_000;

export interface DiscoveryPorts {
  tmux: Pick<Tmux, 'list' | 'onChange'>;
  processes: Processes;
  kindOf(seen: {
    processes: ProcessInfo[];
    command: string;
    title: string;
  }): { kind: AgentKind; pid: number | null } | null;
  clock: Clock;
  log: Log;
  /** Hears whether tmux answers, with what it said where it does not. */
  report(status: 'ok' | 'absent' | 'failed', detail: string): void;
}

export interface DiscoveryInput {
  wanted: Wanted;
  /** What is watched at this moment; asked before each listing is compared with it. */
  watched(): ReadonlyMap<string, Watched>;
}

export type DiscoveryEvent = { type: 'listing.wanted' };
/** Sent to the parent: one listing's findings, in order. */
export interface DiscoveryReport extends AnyEventObject {
  type: 'sessions.listed';
  findings: Finding[];
  at: number;
}

interface Below {
  panePid: number;
  command: string;
  /** When it was first and last looked up, on the monotonic clock. */
  since: number;
  at: number;
  processes: ProcessInfo[];
}

export const discoveryLogic = ({ tmux, processes, kindOf, clock, log, report }: DiscoveryPorts) =>
  fromCallback<DiscoveryEvent, DiscoveryInput>(({ input, sendBack, receive }) => {
    const below = new Map<string, Below>();
    let timer: unknown = null;
    let state: 'waiting' | 'hurrying' | 'listing' | 'listing-again' | 'stopped' = 'waiting';
    let sightings = new Map<string, AgentSighting>();
    let complaint = '';

    const processesOf = async (pane: Pane): Promise<ProcessInfo[]> => {
      const known = below.get(pane.paneId);
      const now = clock.monotonic();
      const same = known?.panePid === pane.pid && known.command === pane.command ? known : null;
      if (same && now - same.at < Math.min(same.at - same.since, LOOK_BELOW_EVERY_MS))
        return same.processes;
      const found = await processes.tree(pane.pid);
      const { pid: panePid, command } = pane;
      const since = same?.since ?? now;
      below.set(pane.paneId, { panePid, command, since, at: now, processes: found });
      return found;
    };

    const sightingOf = async (pane: Pane): Promise<[string, AgentSighting][]> => {
      if (pane.dead) return [];
      const { command, title, paneId } = pane;
      const found = await processesOf(pane);
      if (found.length === 0) return unreadable(paneId);
      const agent = kindOf({ processes: found, command, title });
      return agent ? [[paneId, agent]] : [];
    };

    /** The pane lives but its process could not be read: no proof that its agent has ended. */
    const unreadable = (paneId: string): [string, AgentSighting][] => {
      below.delete(paneId);
      const before = sightings.get(paneId);
      return before ? [[paneId, before]] : [];
    };

    const list = async (): Promise<void> => {
      const listing = await tmux.list();
      const panes = listing?.panes ?? [];
      sightings = new Map((await Promise.all(panes.map(sightingOf))).flat());
      const present = new Set(panes.map(({ paneId }) => paneId));
      for (const paneId of below.keys()) if (!present.has(paneId)) below.delete(paneId);
      if (state === 'stopped') return;
      complaint = '';
      report(listing ? 'ok' : 'absent', listing ? '' : 'no tmux server is running');
      const findings = reconcile(input.watched(), listing, sightings, input.wanted);
      if (findings.length > 0) sendBack({ type: 'sessions.listed', findings, at: clock.now() });
    };

    const plan = (ms: number) => {
      if (timer !== null) clock.clearTimeout(timer);
      timer = clock.setTimeout(run, ms);
    };

    const run = () => {
      timer = null;
      state = 'listing';
      list()
        .catch((error: unknown) => {
          // A listing that fails says nothing about the sessions: they stay as they are.
          const detail = error instanceof Error ? error.message : String(error);
          if (detail !== complaint) log.warn({ detail }, 'tmux did not list its panes');
          complaint = detail;
          report('failed', detail);
        })
        .finally(() => {
          if (state === 'stopped') return;
          const again = state === 'listing-again';
          state = 'waiting';
          plan(again ? LIST_AGAIN_MS : LIST_EVERY_MS);
        });
    };

    const hurry = () => {
      if (state === 'waiting') {
        state = 'hurrying';
        plan(SETTLE_MS);
      } else if (state === 'listing') state = 'listing-again';
    };

    const stopListening = tmux.onChange(hurry);
    receive(hurry);
    run();

    return () => {
      state = 'stopped';
      if (timer !== null) clock.clearTimeout(timer);
      stopListening();
    };
  });
