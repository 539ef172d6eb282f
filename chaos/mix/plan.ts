/** What goes wrong, and when: the seed alone decides, so that a run can be had again. */

import { createRandom, type Random } from '../random.ts';

interface FaultKind {
  /** How often it comes among those of its hand. */
  weight: number;
  /** How long it lasts, in milliseconds: at least and at most. */
  lasts: readonly [number, number];
  /** A run shorter than this has no time for it, in milliseconds. */
  leastRunMs?: number;
}

const AT_ONCE = [0, 0] as const;

/** By the hand that does them: a hand does one thing after the other, the hands do not wait for each other. */
export const FAULTS = {
  daemon: {
    'daemon-killed': { weight: 3, lasts: AT_ONCE },
    'daemon-stopped': { weight: 2, lasts: AT_ONCE },
    'daemon-frozen': { weight: 2, lasts: [500, 4_000] },
    'daemon-looped': { weight: 1, lasts: AT_ONCE, leastRunMs: 60_000 },
    'daemon-doubled': { weight: 1, lasts: AT_ONCE },
    'clock-set': { weight: 2, lasts: AT_ONCE },
    'threads-ended': { weight: 2, lasts: AT_ONCE },
    'threads-hung': { weight: 1, lasts: [500, 3_000] },
    'disk-filled': { weight: 1, lasts: [1_000, 4_000] },
  },
  redis: {
    'redis-killed': { weight: 2, lasts: [200, 2_000] },
    'redis-frozen': { weight: 2, lasts: [500, 4_000] },
    'redis-flushed': { weight: 1, lasts: AT_ONCE },
    'redis-emptied': { weight: 1, lasts: [200, 1_500] },
    'redis-away': { weight: 1, lasts: [4_000, 20_000] },
  },
  tmux: {
    'client-killed': { weight: 3, lasts: AT_ONCE },
    'control-refused': { weight: 1, lasts: [500, 5_000] },
    'version-refused': { weight: 1, lasts: [500, 5_000] },
    'server-killed': { weight: 1, lasts: AT_ONCE },
    'session-killed': { weight: 2, lasts: AT_ONCE },
    'session-renamed': { weight: 2, lasts: AT_ONCE },
    'agent-ended': { weight: 1, lasts: AT_ONCE },
    'window-resized': { weight: 2, lasts: AT_ONCE },
    'pane-split': { weight: 2, lasts: [300, 2_000] },
    'person-attached': { weight: 2, lasts: [300, 3_000] },
    'person-answered': { weight: 8, lasts: AT_ONCE },
    'person-typed': { weight: 1, lasts: [300, 1_500] },
    'pane-flooded': { weight: 2, lasts: [500, 2_500] },
    'title-hostile': { weight: 2, lasts: AT_ONCE },
    'name-hostile': { weight: 1, lasts: [300, 2_000] },
    'strangers-came': { weight: 1, lasts: [300, 1_500] },
  },
  callers: {
    'dialog-answered': { weight: 8, lasts: AT_ONCE },
    'turn-interrupted': { weight: 2, lasts: AT_ONCE },
    'command-cancelled': { weight: 3, lasts: AT_ONCE },
    'command-retried': { weight: 1, lasts: AT_ONCE },
    'agent-killed': { weight: 1, lasts: AT_ONCE },
    'agent-restarted': { weight: 1, lasts: AT_ONCE },
    'hook-posted': { weight: 2, lasts: AT_ONCE },
    'garbage-posted': { weight: 2, lasts: AT_ONCE },
    'reader-cut': { weight: 2, lasts: AT_ONCE },
    'reader-stalled': { weight: 1, lasts: [1_000, 10_000] },
    'looks-asked': { weight: 1, lasts: AT_ONCE },
  },
} as const satisfies Record<string, Record<string, FaultKind>>;

export type Hand = keyof typeof FAULTS;
export type FaultName = { [H in Hand]: keyof (typeof FAULTS)[H] }[Hand];
export const HANDS = Object.keys(FAULTS) as Hand[];

export interface Fault {
  /** Milliseconds since the run began. */
  at: number;
  name: FaultName;
  /** How long nothing was done before it, at least. */
  pauseMs: number;
  /** The place of the agent that it happens to, where it happens to one. */
  agent: number;
  lastsMs: number;
  /** From 0 to below 1: decides whatever else there is to choose. */
  choice: number;
}

/** Something to be typed. */
export interface Errand {
  at: number;
  agent: number;
  /** Counts the agent's errands; a part of what is typed. */
  number: number;
  when: 'safe' | 'idle';
}

export const DATABASES = ['agent-state.db', 'command-queue.db'] as const;

/** What happens to the databases when all else is over. */
export interface Damage {
  /** How the daemon ends before it. */
  end: 'killed' | 'stopped';
  databases: readonly (typeof DATABASES)[number][];
  /** A page of other bytes, a beginning of other bytes, or only its first half is left. */
  left: 'page' | 'head' | 'half';
}

export interface Plan {
  faults: Record<Hand, readonly Fault[]>;
  /** Of all agents, by time. */
  errands: readonly Errand[];
  damage: Damage;
}

export interface PlanOptions {
  seed: number;
  ms: number;
  agents: number;
}

/** Between two faults of one hand: at least and at most. */
const PAUSES: Record<Hand, readonly [number, number]> = {
  daemon: [2_500, 10_000],
  redis: [1_500, 9_000],
  tmux: [300, 2_500],
  callers: [100, 900],
};
const ERRAND_PAUSE = [1_000, 8_000] as const;
/** In a run shorter than this all comes faster, down to a part of the pauses. */
const UNHURRIED_MS = 60_000;
const MOST_HURRIED = 0.2;
/** The daemon's last life goes through all that others do, so that what it leaks adds up. */
const LAST_LIFE = 0.3;
/** No fault takes more of a run than this. */
const LONGEST_SHARE = 1 / 8;
/** Everything is seen at its prompt before the first. */
const FIRST_MS = 500;

export const planOf = (options: PlanOptions): Plan => {
  const faults = (hand: Hand): Fault[] =>
    faultsOf(hand, randomOf(options, HANDS.indexOf(hand)), options);
  const errands = (_: unknown, agent: number): Errand[] =>
    errandsOf(agent, randomOf(options, HANDS.length + agent), options);
  return {
    damage: damageOf(randomOf(options, HANDS.length + options.agents)),
    faults: {
      daemon: faults('daemon'),
      redis: faults('redis'),
      tmux: faults('tmux'),
      callers: faults('callers'),
    },
    errands: Array.from({ length: options.agents }, errands)
      .flat()
      .toSorted((a, b) => a.at - b.at || a.agent - b.agent),
  };
};

const damageOf = (random: Random): Damage => {
  const [first, second] = DATABASES;
  const oneOf = <Value>(...all: [Value, ...Value[]]): Value =>
    all[Math.floor(random() * all.length)] ?? all[0];
  return {
    end: oneOf('killed', 'stopped'),
    databases: oneOf<Damage['databases']>([first], [second], [first, second]),
    left: oneOf('page', 'head', 'half'),
  };
};

/** One for each part, so that one more fault here changes nothing there. */
const randomOf = ({ seed }: PlanOptions, part: number): Random =>
  createRandom((seed + part * 0x9e3779b9) | 0);

const faultsOf = (hand: Hand, random: Random, { ms, agents }: PlanOptions): Fault[] => {
  const kinds = Object.fromEntries(
    Object.entries<FaultKind>(FAULTS[hand]).filter(([, { leastRunMs = 0 }]) => ms >= leastRunMs),
  );
  const draw = createBag(kinds, random);
  const faults: Fault[] = [];
  let at = FIRST_MS;
  for (;;) {
    const pauseMs = Math.round(pauseOf(ms) * between(PAUSES[hand], random));
    at += pauseMs;
    if (at >= ms) return faults;
    const name = draw();
    const lastsMs = Math.min(between(kinds[name]?.lasts ?? AT_ONCE, random), ms * LONGEST_SHARE);
    const fault = { name: name as FaultName, agent: Math.floor(random() * agents) };
    const choice = random();
    if (ENDS_LIFE.has(fault.name) && at > ms * (1 - LAST_LIFE)) continue;
    faults.push({ at: Math.round(at), pauseMs, ...fault, lastsMs: Math.round(lastsMs), choice });
    at += lastsMs;
  }
};

const ENDS_LIFE = new Set<FaultName>(['daemon-killed', 'daemon-stopped', 'daemon-looped']);

/** Draws without putting back until the bag is empty: even a short run has some of everything. */
const createBag = (kinds: Record<string, FaultKind>, random: Random): (() => string) => {
  const full = Object.entries(kinds).flatMap(([name, { weight }]) =>
    Array.from({ length: weight }, () => name),
  );
  let left: string[] = [];
  return () => {
    if (left.length === 0) left = [...full];
    const [name = ''] = left.splice(Math.floor(random() * left.length), 1);
    return name;
  };
};

const errandsOf = (agent: number, random: Random, { ms }: PlanOptions): Errand[] => {
  const errands: Errand[] = [];
  let at = FIRST_MS;
  for (;;) {
    at += pauseOf(ms) * between(ERRAND_PAUSE, random);
    const when = random() < 0.15 ? 'idle' : 'safe';
    if (at >= ms) return errands;
    errands.push({ at: Math.round(at), agent, number: errands.length + 1, when });
  }
};

const pauseOf = (ms: number): number => Math.max(MOST_HURRIED, Math.min(1, ms / UNHURRIED_MS));

const between = ([least, most]: readonly [number, number], random: Random): number =>
  least + (most - least) * random();

/** One line for a person, and the same for the same fault; without the time at which it was done. */
export const describeFault = ({ at, name, agent, lastsMs, choice }: Fault): string =>
  inColumns((at / 1000).toFixed(1), name, `#${agent + 1}`, String(lastsMs), choice.toFixed(3));

const inColumns = (due: string, what: string, agent: string, ms: string, choice: string): string =>
  `${due.padStart(8)}  ${what.padEnd(18)}${agent.padStart(6)}${ms.padStart(8)}${choice.padStart(8)}`;

/** Stands above those lines; the time at which it was done comes before each. */
export const FAULTS_HEAD = `  done${inColumns('due', 'what', 'agent', 'ms', 'choice')}  (done, due in seconds)`;
