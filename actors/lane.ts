/** What waits for one pane: looked at, chosen, typed, one after the other. */

import type { Reading } from '../machines/command-context.ts';
import { holdsOf, nextToServe, type ServedAgent } from '../machines/serving.ts';
import type { Hold } from '../machines/vocabulary.ts';
import { type DeliveryPorts, deliver, pause } from './delivery.ts';
import { StoreFailed, TmuxFailed } from './errors.ts';
import type { CommandOutbox, CommandOutcome, StoredCommand } from './ports.ts';

export interface LanePorts extends DeliveryPorts {
  commands: CommandOutbox;
  /** The watched session with this key, or null. */
  agent(key: string): KnownAgent | null;
  /** Why what waits in the lane was not typed when it was last looked, by command. */
  held(lane: string, holds: ReadonlyMap<string, Hold>): void;
  /** Keys that answer this dialog of the session were pressed, whatever became of that. */
  answered(key: string, dialog: string): void;
  /** What was typed stands in the agent's composer, and it does not take it. */
  unsubmitted(key: string): void;
}

/** `since`: when it came into that state, in ms since the epoch. `dialog`: the one that it shows. */
export interface KnownAgent extends Omit<ServedAgent, 'settled'> {
  since: number | null;
  dialog: string | null;
}

export interface Serving {
  signal: AbortSignal;
  /** Makes whoever stops wait for what is being typed. */
  track<Result>(work: Promise<Result>): Promise<Result>;
  mayBegin(): boolean;
}

export interface Lane {
  /** Types what may be typed; does nothing where it is at it. Rejects where something fails for good. */
  wake(): Promise<void>;
  isIdle(): boolean;
  /** Whether something waited for one of these sessions when it was last looked. */
  waitsFor(sessions: ReadonlySet<string>): boolean;
}

/** How long what is known here alone waits for a disk that takes nothing. */
const WRITE_AGAIN_MS = 1_000;
/** An agent that was given a text may take this long to show that its turn has begun. */
const TURN_BEGINS_WITHIN_MS = 5_000;

const NOTHING_HELD: ReadonlyMap<string, Hold> = new Map();
const TARGET_GONE: CommandOutcome = {
  status: 'failed',
  evidence: 'not-typed',
  error: 'target_gone',
  attempts: 0,
};

const DIALOG_STALE: CommandOutcome = { ...TARGET_GONE, error: 'dialog_stale' };

export const createLane = (ports: LanePorts, serving: Serving, lane: string): Lane => {
  const { commands, reader, clock, log } = ports;
  const { signal, track, mayBegin } = serving;
  let phase: 'idle' | 'busy' | 'busy, woken' = 'idle';
  let waitedFor = new Set<string>();
  /** By both clocks: states are told by the one that may be set, and how long ago it was by the other. */
  let submitted: { at: number; monotonic: number } | null = null;

  /** The agent as it stands after what was typed here last. */
  const agent = (key: string): ServedAgent | null => {
    const known = ports.agent(key);
    if (known === null) return null;
    if (submitted === null) return { ...known, settled: true };
    const hasShown = (known.since ?? 0) > submitted.at;
    const hadTime = clock.monotonic() - submitted.monotonic > TURN_BEGINS_WITHIN_MS;
    return { ...known, settled: hasShown || hadTime };
  };

  /** True where there may be more to do at once. */
  const step = async (): Promise<boolean> => {
    const found = commands.waiting(lane);
    waitedFor = new Set(found.map(({ session }) => session));
    const [head] = found;
    if (!head) return false;
    // Sessions that show the same pane show the same agent, but not all of them need be watched.
    const kind = found.map(({ key }) => agent(key)?.kind).find((one) => one !== undefined);
    const sight = await look(head, kind ?? 'generic');
    if (sight === 'unreadable')
      ports.held(lane, new Map(found.map(({ id }) => [id, 'pane-unreadable'])));
    if (!mayBegin() || sight === 'unreadable') return false;
    // What waits may have changed meanwhile.
    const waiting = commands
      .waiting(lane)
      .filter(({ target }) => target.panePid === head.target.panePid);
    if (sight === null) {
      for (const { id } of waiting) commands.finish(id, TARGET_GONE);
      return true;
    }
    const next = nextToServe(waiting, agent, sight);
    ports.held(lane, next === null ? holdsOf(waiting, agent, sight) : NOTHING_HELD);
    return next !== null && kind !== undefined ? track(type(next, kind, sight)) : false;
  };

  const look = async (
    { id, session, target }: StoredCommand,
    kind: ServedAgent['kind'],
  ): Promise<Reading | 'unreadable' | null> => {
    try {
      return await reader.read(target, kind);
    } catch (error) {
      if (!(error instanceof TmuxFailed)) throw error;
      log.debug({ id, session, error: error.message }, 'the pane could not be looked at');
      return 'unreadable';
    }
  };

  const type = async (
    command: StoredCommand,
    kind: ServedAgent['kind'],
    first: Reading,
  ): Promise<boolean> => {
    const { id, session, key, act } = command;
    if (act.action === 'answer' && isOver(key, act.dialog)) {
      commands.finish(id, DIALOG_STALE);
      return true;
    }
    const begin = () => commands.begin(id);
    const outcome = await deliver(ports, { command, kind, first, begin, signal });
    if (signal.aborted || outcome === null) return false;
    if (outcome === 'put-back') {
      await written(id, () => commands.putBack(id));
      return false;
    }
    if (act.action === 'text' && outcome.status !== 'failed')
      submitted = { at: clock.now(), monotonic: clock.monotonic() };
    if (!(await written(id, () => commands.finish(id, outcome)))) return false;
    if (outcome.evidence === 'left-in-composer') ports.unsubmitted(key);
    if (act.action === 'answer' && outcome.status !== 'failed') ports.answered(key, act.dialog);
    log.info({ id, session, ...outcome }, 'a command ended');
    return true;
  };

  /** That dialog has gone, or was answered before: what shows now may ask the same of another thing. */
  const isOver = (key: string, dialog: string): boolean =>
    ports.agent(key)?.dialog !== dialog || commands.isAnswered(key, dialog);

  /**
   * What has become of it is known here alone: it is tried until the disk takes it. False where it
   * had to be given up.
   */
  const written = async (id: string, write: () => void): Promise<boolean> => {
    while (!signal.aborted) {
      try {
        write();
        return true;
      } catch (error) {
        if (!isDiskTrouble(error)) throw error;
        log.error({ id, error: error.message }, 'how a command ended cannot be written');
        await pause(clock, WRITE_AGAIN_MS);
      }
    }
    return false;
  };

  return {
    isIdle: () => phase === 'idle',
    waitsFor: (sessions) => !waitedFor.isDisjointFrom(sessions),
    wake: async () => {
      if (phase !== 'idle') {
        phase = 'busy, woken';
        return;
      }
      try {
        let more = true;
        while (more && mayBegin()) {
          phase = 'busy';
          more = (await step()) || phase !== 'busy';
        }
      } catch (error) {
        if (!isDiskTrouble(error)) throw error;
        log.error({ lane, error: error.message }, 'the command queue cannot be written');
      } finally {
        phase = 'idle';
      }
    },
  };
};

/** It passes, and what waits is tried again. */
export const isDiskTrouble = (error: unknown): error is StoreFailed => error instanceof StoreFailed;
