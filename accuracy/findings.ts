/** Where a watched run and the truth of it part. */

import type { Attention, Indicators, State } from '../machines/vocabulary.ts';
import { OTHER_COUNTS } from './listed.ts';
import type { RecordedRun } from './recordings.ts';
import { needsPerson, otherLabel } from './scoring.ts';
import type { Ask, Span, Truth } from './timeline.ts';
import type { Step, Watched } from './watcher.ts';

/** A wrong moment, for people to look at: seconds since the run began, and what was told. */
interface Fault {
  t: number;
  what: string;
}

type CounterName = 'read' | 'written' | 'commands';

export interface Findings {
  flaps: Fault[];
  /** Turns told as ended, or as failed, that went on. */
  premature: Fault[];
  dialogs: { shown: number; missed: Fault[]; invented: Fault[] };
  checkpoints: { all: number; wrong: Fault[] };
  /** Milliseconds from the truth to the verdict. */
  latency: { begun: number[]; ended: number[]; asked: number[] };
  /** Turns whose begin or end was never told. */
  overlooked: Fault[];
  /** `asked` by the model; `due` where the screen shows as much of it as it can. */
  counters: { what: CounterName; asked: number; due: number; told: number }[];
}

export const findingsOf = (run: RecordedRun, truth: Truth, watched: Watched): Findings => {
  const checkpoints = truth.checkpoints.filter(({ file }) => !otherLabel(fixtureOf(run, file)));
  return {
    flaps: flapsIn(truth, watched),
    premature: prematureIn(truth, watched),
    dialogs: {
      shown: truth.asks.length,
      missed: truth.asks
        .filter((ask) => !tellsOf(watched, ask))
        .map(({ knownAt, what }) => ({ t: knownAt, what: `no ${what} is told` })),
      invented: inventedIn(truth, watched),
    },
    checkpoints: {
      all: checkpoints.length,
      wrong: checkpoints
        .filter(({ t, state }) => !agreesAround(watched, t, state))
        .map(({ t, state }) => ({
          t,
          what: `${state}, but told as ${tell(stepAt(watched.steps, t))}`,
        })),
    },
    ...timesOf(truth, watched),
    counters: countersOf(run.name, truth, watched.indicators),
  };
};

/** What must not be in any run, each in a line. */
export const runFaults = ({ name }: RecordedRun, findings: Findings): string[] => {
  const { flaps, premature, dialogs, checkpoints, counters } = findings;
  const say = (title: string, faults: readonly Fault[]): string[] =>
    faults.map(({ t, what }) => `${name} at ${t.toFixed(2)} s: ${title}: ${what}`);
  return [
    ...say('flap', flaps),
    ...say('turn that went on', premature),
    ...say('missed dialog', dialogs.missed),
    ...say('dialog that is none', dialogs.invented),
    ...say('wrong state', checkpoints.wrong),
    ...counters
      .filter(({ told, due }) => told !== due)
      .map(({ what, told, due }) => `${name}: ${told} ${what} are counted, not ${due}`),
  ];
};

/** The labels of the recorded screens go by the names of their files. */
const fixtureOf = ({ kind, version }: RecordedRun, file = ''): string =>
  `${kind}/${version}/${file.replace(/^.*\//, '')}`;

/** A state, or a dialog, that holds for less is a flap unless it is known to have been so short. */
const FLAP_S = 0.3;
/** How long an agent may take to draw what is already true. */
const DRAWING_S = 2;

const flapsIn = (truth: Truth, { steps, until }: Watched): Fault[] =>
  [
    ...heldBy(steps, until, ({ state }) => state),
    ...heldBy(steps, until, ({ attention }) => attention),
  ]
    .filter(
      ({ from, to, what }) =>
        msOf({ from, to }) < FLAP_S * 1000 && to < until && !isKnown(truth, what, { from, to }),
    )
    .map(({ from, to, what }) => ({
      t: from,
      what: `${what} for ${msOf({ from, to })} ms`,
    }));

const msOf = ({ from, to }: Span): number => Math.round((to - from) * 1000);

interface Held extends Span {
  what: State | Attention;
}

const heldBy = (
  steps: readonly Step[],
  until: number,
  read: (step: Step) => State | Attention | null,
): Held[] => {
  const held: Held[] = [];
  for (const step of steps) {
    const what = read(step);
    const last = held.at(-1);
    if (last && last.to === until && last.what === what) continue;
    if (last && last.to === until) last.to = step.t;
    if (what !== null) held.push({ what, from: step.t, to: until });
  }
  return held;
};

/** The timeline has something that made it so, and something that ended it. */
const isKnown = (
  { turns, asks, entered }: Truth,
  what: State | Attention,
  { from, to }: Span,
): boolean => {
  const isNear = (t: number): boolean => t > from - DRAWING_S && t <= to;
  switch (what) {
    case 'none':
      return asks.some((ask) => isNear(ask.to)) && asks.some((ask) => isNear(ask.from));
    case 'approval':
    case 'question':
    case 'trust':
    case 'login':
    case 'limit':
    case 'other-dialog':
      return asks.some((ask) => isNear(ask.from) && isNear(ask.to));
    case 'complete':
      // A turn had ended, or none had begun, until the driver sent the next prompt.
      return (
        entered.some(isNear) &&
        (turns.some((turn) => turn.ended && isNear(turn.to)) ||
          turns.every((turn) => turn.from > from))
      );
    case 'reading':
      return turns.some((turn) => isNear(turn.from));
    case 'working':
      return turns.some((turn) => turn.from <= to && isNear(turn.to));
    case 'error':
    case 'stuck':
      return false;
  }
};

/** What is told at the very end of a turn is not too early. */
const prematureIn = ({ turns, requested, until: end }: Truth, { steps, until }: Watched): Fault[] =>
  heldBy(steps, until, ({ state }) => state)
    .filter(({ what, from }) => {
      const turn = turns.find((each) => from > each.from + FLAP_S && from < each.to - FLAP_S);
      if (turn === undefined) return false;
      // A turn that nothing ended may have failed, or have been given up.
      if (what === 'complete') return turn.ended || turn.to < end;
      return what === 'error' && requested.some((t) => t > from + FLAP_S && t < turn.to);
    })
    .map(({ from, what }) => ({ t: from, what }));

/** A dialog is told of while it is showing, at the latest when the driver answers it. */
const tellsOf = ({ steps }: Watched, { knownAt, to, what }: Ask): boolean =>
  [knownAt, to].some((t) => {
    const attention = stepAt(steps, t)?.attention ?? 'none';
    return needsPerson(attention) && (attention === 'question') === (what === 'question');
  });

/** An answered dialog may stand for as long as the agent takes to draw what comes next. */
const inventedIn = ({ mayAsk }: Truth, { steps, until }: Watched): Fault[] =>
  heldBy(steps, until, ({ attention }) => attention)
    .filter(({ what }) => needsPerson(what as Attention))
    .filter(
      ({ from, to }) => !mayAsk.some((span) => from >= span.from && to <= span.to + DRAWING_S),
    )
    .map(({ from, to, what }) => ({ t: from, what: `${what} until ${to.toFixed(2)}` }));

const stepAt = (steps: readonly Step[], t: number): Step | undefined =>
  steps.findLast((step) => step.t <= t);

/** Screens were taken while the agent went on: what holds within half a second of it is right. */
const agreesAround = ({ steps }: Watched, t: number, label: string): boolean => {
  const around = [stepAt(steps, t), ...steps.filter((step) => Math.abs(step.t - t) < 0.5)];
  return around.some((step) => step !== undefined && agrees(step, label));
};

const agrees = ({ state, attention, interrupted }: Step, label: string): boolean => {
  const isRunning = state === 'reading' || state === 'working' || state === 'stuck';
  if (label === 'waiting-question') return attention === 'question';
  if (label === 'waiting-approval') return needsPerson(attention) && attention !== 'question';
  if (needsPerson(attention)) return false;
  switch (label) {
    case 'reading':
    case 'working':
    case 'stuck':
      return isRunning && !interrupted;
    case 'interrupted':
      return isRunning && interrupted;
    case 'complete':
      return state === 'complete';
    case 'error':
    case 'dead':
      return state === 'error';
    default:
      return false;
  }
};

const tell = (step: Step | undefined): string =>
  step === undefined
    ? 'nothing'
    : `${step.state}${step.interrupted ? ' (interrupted)' : ''}, ${step.attention}`;

/** How soon each turn's begin and end, and each dialog, was told. */
const timesOf = (
  { turns, asks }: Truth,
  { steps, until }: Watched,
): Pick<Findings, 'latency' | 'overlooked'> => {
  const latency: Findings['latency'] = { begun: [], ended: [], asked: [] };
  const overlooked: Fault[] = [];
  const note = (of: keyof Findings['latency'], span: Span, isTold: (step: Step) => boolean) => {
    const at = stepAt(steps, span.from);
    const told =
      at && isTold(at) ? span.from : steps.find((step) => step.t > span.from && isTold(step))?.t;
    if (told !== undefined && told <= span.to)
      latency[of].push(Math.round((told - span.from) * 1000));
    else overlooked.push({ t: span.from, what: of });
  };
  for (const [at, turn] of turns.entries()) {
    const next = turns[at + 1]?.from ?? until;
    note('begun', { from: turn.from, to: Math.max(turn.to, turn.from) + DRAWING_S }, isRunning);
    if (turn.ended && next - turn.to > DRAWING_S)
      note('ended', { from: turn.to, to: next }, ({ state }) => state === 'complete');
  }
  for (const { from, to } of asks)
    note('asked', { from, to }, ({ attention }) => needsPerson(attention));
  return { latency, overlooked };
};

const isRunning = ({ state, interrupted }: Step): boolean =>
  (state === 'reading' || state === 'working') && !interrupted;

const countersOf = (name: string, { calls }: Truth, told: Indicators): Findings['counters'] => {
  const counter = (what: CounterName, asked: number, count: number) => ({
    what,
    asked,
    due: OTHER_COUNTS[name]?.[what] ?? asked,
    told: count,
  });
  return [
    counter('read', calls.read, told.filesRead),
    counter('written', calls.write, told.filesWritten + told.filesEdited),
    counter('commands', calls.command, told.bashCommands),
  ];
};
