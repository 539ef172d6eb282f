/** Which panes push their output and which are swept, and how often: policy without a clock. */

/** How one pane with a client of its own is watched, as the last whole second left it. */
export interface Pace {
  /** Its output is switched off, and it is captured on the common beat instead. */
  swept: boolean;
  /** Seconds since it was last switched. */
  seconds: number;
  /** Calm seconds in a row while it was last swept. */
  calm: number;
  /** How many of those it takes to let it push again. */
  patience: number;
}

export const PUSHING: Pace = { swept: false, seconds: 0, calm: 0, patience: 1 };

/** Events per second over all panes: output marks where pushed, changed looks where swept. */
const BUSY_SUM = 250;
const CALM_SUM = 125;
/** Above this many marks per second a pane is swept once the sum is high. */
const BUSY_PANE = 4;
/** Below this many changed looks per second a swept pane may push again. */
const CALM_PANE = 3;
/** A pane that had to be swept again so soon must be calm for twice as long the next time. */
const RELAPSE_SECONDS = 30;
const MAX_PATIENCE = 64;

/**
 * One second has passed with so many events for each pane with a client, and for the panes without
 * one (`elsewhere`): how each of the first goes on. Marks and changed
 * looks differ (a spinner may redraw often and change little), so patience keeps a pane from
 * being switched to and fro.
 */
export const nextPace = (
  panes: readonly { pace: Pace; events: number }[],
  elsewhere: number,
): Pace[] => {
  const sum = panes.reduce((total, { events }) => total + events, elsewhere);
  return panes.map(({ pace, events }) =>
    pace.swept ? nextSwept(pace, events, sum) : nextPushed(pace, events, sum),
  );
};

const nextPushed = (pace: Pace, events: number, sum: number): Pace => {
  const seconds = pace.seconds + 1;
  if (sum <= BUSY_SUM || events <= BUSY_PANE) return { ...pace, seconds };
  const relapsed = pace.calm > 0 && seconds <= RELAPSE_SECONDS;
  const patience = relapsed ? Math.min(pace.patience * 2, MAX_PATIENCE) : 1;
  return { swept: true, seconds: 0, calm: 0, patience };
};

const nextSwept = (pace: Pace, events: number, sum: number): Pace => {
  const calm = events < CALM_PANE || sum < CALM_SUM ? pace.calm + 1 : 0;
  if (calm < pace.patience) return { ...pace, seconds: pace.seconds + 1, calm };
  return { ...pace, swept: false, seconds: 0, calm };
};

const BEAT_MS = 50;
const MIN_BEAT_MS = 20;
const MAX_BEAT_MS = 250;

/** The time between two sweeps: longer the more panes are swept, and the more the server has. */
export const beatMs = (swept: number, panes: number): number =>
  clamp(MIN_BEAT_MS, ((BEAT_MS * swept) / 100) * Math.max(1, panes / 250), MAX_BEAT_MS);

/** Looks in one write, and in one task for the judge: fewer cost more each, more wait longer. */
const GROUP = 34;

/** Into how many parts the panes of a beat are split, so that none waits for the looks of all. */
export const groupsOf = (panes: number): number => Math.max(1, Math.round(panes / GROUP));

const LIVELY_POLL_MS = 20;
const QUIET_POLL_MS = 100;
const MAX_POLL_MS = 500;

/**
 * The time between two questions which of the panes without a client changed: a question costs as
 * much as the server has panes. `lively`: some have changed lately.
 */
export const pollMs = (panes: number, lively: boolean): number =>
  clamp(lively ? LIVELY_POLL_MS : QUIET_POLL_MS, panes, MAX_POLL_MS);

const clamp = (low: number, value: number, high: number): number =>
  Math.min(high, Math.max(low, value));
