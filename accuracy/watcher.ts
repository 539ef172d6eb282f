/**
 * Watches a recorded run as the monitor would have, on the run's own time: the same pace of looks,
 * the same judge, the same machine.
 */

import { initialTransition, transition } from 'xstate';
import { isOldNews } from '../machines/old-news.ts';
import { nextDeadline, type SessionSnapshot, sessionMachine } from '../machines/session.ts';
import type { SessionEvent, SessionInput } from '../machines/session-context.ts';
import type { AgentKind, Attention, Indicators, State } from '../machines/vocabulary.ts';
import { classify } from '../src/analysis/classify.ts';
import type { Player, Sighting } from './player.ts';
import type { Chunk, RecordedRun } from './recordings.ts';

/** What held from `t` (seconds since the run began) until the next step. */
export interface Step {
  t: number;
  /** Null until the first verdict that says something. */
  state: State | null;
  attention: Attention;
  interrupted: boolean;
  /** Why it holds, and by which rule: of the profile, a hook's, or the clock's. */
  reason: string;
  rule: string;
}

export interface Watched {
  /** Each differs from the one before in more than its time. */
  steps: Step[];
  indicators: Indicators;
  looks: number;
  /** When the watching ended, in seconds since the run began. */
  until: number;
}

/** As the monitor's own connections do: see `docs/watching.md`. */
const SETTLE_MS = 8;
export const LOOK_GAP_MS = 30;

/** @param gapMs the least time between two looks. */
export const watchRun = async (
  { kind, chunks }: Pick<RecordedRun, 'kind' | 'chunks'>,
  player: Player,
  { until, gapMs }: { until: number; gapMs: number },
): Promise<Watched> => {
  const session = createSession(kind);
  const waiting = chunks.filter(({ t }) => t <= until);
  let at = 0;
  let lookAt = Number.POSITIVE_INFINITY;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let last: Sighting | null = null;
  let looks = 0;

  const look = async (now: number, asked: boolean): Promise<void> => {
    const seen = await player.look();
    looks += 1;
    const isNews = last === null || seen.text !== last.text || seen.title !== last.title;
    last = seen;
    if (isNews || asked) session.see(seen, now);
  };

  for (;;) {
    const next = waiting[at];
    const drawAt = next ? Math.round(next.t * 1000) : Number.POSITIVE_INFINITY;
    const now = Math.min(drawAt, lookAt, session.deadline());
    if (now > until * 1000) break;
    if (now === drawAt) {
      if (lookAt === Number.POSITIVE_INFINITY) lookAt = Math.max(now + SETTLE_MS, lookedAt + gapMs);
      const drawn = drawnBy(waiting, at, Math.min(lookAt, session.deadline()));
      await player.play(Buffer.concat(drawn.map(({ bytes }) => bytes)));
      at += drawn.length;
    } else if (now === lookAt) {
      lookAt = Number.POSITIVE_INFINITY;
      lookedAt = now;
      await look(now, false);
    } else if (session.tick(now)) await look(now, true);
  }
  return { ...session.result(), looks, until };
};

/** The chunk at `at`, which is due now, and those that follow before something else is. */
const drawnBy = (chunks: readonly Chunk[], at: number, due: number): Chunk[] => {
  let end = at + 1;
  while (end < chunks.length && (chunks[end] as Chunk).t * 1000 < due) end += 1;
  return chunks.slice(at, end);
};

const createSession = (kind: AgentKind) => {
  let [snapshot] = initialTransition(sessionMachine, inputOf(kind));
  const steps: Step[] = [];

  const take = (event: SessionEvent): string[] => {
    if (isOldNews(snapshot, event)) return [];
    const [after, effects] = transition(sessionMachine, snapshot, event);
    snapshot = after;
    const step = stepOf(snapshot, event.at / 1000);
    if (differs(steps.at(-1), step)) steps.push(step);
    return effects.map(({ params }) => (params as { event?: { type: string } })?.event?.type ?? '');
  };

  take({ type: 'connection.opened', by: 'attached', at: 0 });
  return {
    see: (seen: Sighting, at: number): void => {
      const verdict = classify({ kind, ...seen, command: '' });
      take({ type: 'screen.classified', verdict, at, resized: false, output: '' });
    },
    deadline: (): number => nextDeadline(snapshot) ?? Number.POSITIVE_INFINITY,
    /** True where the machine wants another look. */
    tick: (at: number): boolean => {
      const isAsking = take({ type: 'clock.ticked', at }).includes('look.wanted');
      if ((nextDeadline(snapshot) ?? Number.POSITIVE_INFINITY) <= at)
        throw new Error(`the deadline at ${at} ms does not pass`);
      return isAsking;
    },
    result: () => ({ steps, indicators: snapshot.context.counted.indicators }),
  };
};

const inputOf = (kind: AgentKind): SessionInput => ({
  key: '1.1.$0',
  server: { pid: 1, startTime: 1 },
  facts: {
    session: 'recorded',
    sessionId: '$0',
    pane: '%0',
    panePid: 1,
    kind,
    agentPid: null,
    cwd: '/home/user/project',
    title: '',
    otherPanes: [],
    fragile: false,
  },
  policy: { stuckAfterMs: 300_000, stuckToolMs: 900_000, agreeMs: 300 },
  restarts: 0,
});

const stepOf = ({ value, context }: SessionSnapshot, t: number): Step => ({
  t,
  state: context.seen ? value.activity : null,
  attention: value.attention,
  interrupted: context.interrupted,
  reason: context.reason,
  rule: context.rule,
});

const differs = (before: Step | undefined, after: Step): boolean =>
  before?.state !== after.state ||
  before.attention !== after.attention ||
  before.interrupted !== after.interrupted;
