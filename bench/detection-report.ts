/** The detection benchmark in words and tables. */

import type { Detection, Row, WatcherName } from './detection.bench.ts';
import { table } from './figures.ts';

export const reportOf = (detection: Detection): string =>
  [
    table(HEAD, detection.rows.map(cellsOf)),
    elsewhereOf(detection),
    table(['to reach', 'wanted', 'measured', ''], goalsOf(detection).map(goalCells)),
  ].join('\n\n');

/** What must never happen, whatever the machine: an event that was lost, or told twice. */
export const faultsOf = ({ rows }: Detection): string[] =>
  rows.flatMap(({ load, watcher, missed, repeated }) =>
    watcher === 'daemon' && missed + repeated > 0
      ? [`${load}: ${missed} turns missed, ${repeated} told twice`]
      : [],
  );

/** On a machine that has other work the figures say little about the daemon. */
const elsewhereOf = ({ rows }: Detection): string => {
  const cores = rows.map(({ cpu }) => cpu.elsewhere.toFixed(2)).sort();
  return `Other programs took ${cores.at(0)} to ${cores.at(-1)} cores meanwhile.`;
};

const HEAD = [
  ...['load', 'watched by', 'n', 'missed', 'p50 ms', 'p99 ms', 'max ms'],
  ...['server', 'watcher', 'total', 'added', 'elsewhere'],
];

const cellsOf = (row: Row): string[] => {
  const { load, watcher, latency, missed, cpu } = row;
  return [
    ...[load, watcher, String(latency.count), String(missed)],
    ...[latency.p50, latency.p99, latency.max].map((ms) => ms.toFixed(1)),
    ...[cpu.server, cpu.watcher, totalOf(row), addedOf(row), cpu.elsewhere].map((cores) =>
      cores.toFixed(2),
    ),
  ];
};

const totalOf = ({ cpu }: Row): number => cpu.server + cpu.watcher;
const addedOf = (row: Row): number => totalOf(row) - row.base;

interface Goal {
  what: string;
  most: number;
  unit: 'ms' | '%' | '';
  measured: number;
}

const goalsOf = ({ rows, starts }: Detection): Goal[] => {
  const find = (sessions: number, watcher: WatcherName): Row | undefined =>
    rows.find((row) => row.load === `${sessions} sessions` && row.watcher === watcher);
  const few = find(10, 'daemon');
  const many = find(100, 'daemon');
  const poller = find(100, 'fork-poller');
  const missed = rows
    .filter(({ watcher }) => watcher === 'daemon')
    .reduce((total, row) => total + row.missed + row.repeated, 0);
  return [
    ...(few ? latencyGoals(few, 15, 45) : []),
    ...(many ? latencyGoals(many, 40, 90) : []),
    ...(many && poller
      ? [
          ofPoller('total CPU', 60, totalOf(many) / totalOf(poller)),
          ofPoller('added CPU', 50, addedOf(many) / addedOf(poller)),
        ]
      : []),
    ...(starts
      ? [
          {
            what: `${starts.sessions} sessions present at start: all judged`,
            most: 1500,
            unit: 'ms' as const,
            measured: Math.max(...starts.ms),
          },
        ]
      : []),
    { what: 'turns missed or told twice', most: 0, unit: '', measured: missed },
  ];
};

const latencyGoals = ({ load, latency }: Row, p50: number, p99: number): Goal[] => [
  { what: `${load}: p50`, most: p50, unit: 'ms', measured: latency.p50 },
  { what: `${load}: p99`, most: p99, unit: 'ms', measured: latency.p99 },
];

const ofPoller = (what: string, most: number, share: number): Goal => ({
  what: `100 sessions: ${what} beside the fork-poller's`,
  most,
  unit: '%',
  measured: share * 100,
});

const goalCells = ({ what, most, unit, measured }: Goal): string[] => [
  what,
  `≤ ${most} ${unit}`.trim(),
  `${measured.toFixed(unit === 'ms' && measured < 1000 ? 1 : 0)} ${unit}`.trim(),
  measured <= most ? 'yes' : 'no',
];
