/** The floods in words and tables. */

import { table } from './figures.ts';
import { CALM, type FloodRow } from './floods.bench.ts';
import type { ThroughputRow } from './throughput.bench.ts';

export const floodsReportOf = (
  rows: readonly FloodRow[],
  writer: readonly ThroughputRow[],
): string =>
  [
    table(HEAD, rows.map(cellsOf)),
    table(['to reach', 'wanted', 'measured', ''], goalsOf(rows)),
    table(
      [
        'the monitor is',
        'a pane writes',
        'per CPU second of the server',
        'of what it writes unwatched',
      ],
      writer.map((row) => writerCells(row, writer[0])),
    ),
  ].join('\n\n');

/** What must never happen, whatever the machine. */
export const floodFaultsOf = (rows: readonly FloodRow[]): string[] =>
  rows.flatMap(({ flood, others: { missed, repeated } }) =>
    missed + repeated > 0 ? [`${flood}: ${missed} turns missed, ${repeated} told twice`] : [],
  );

const HEAD = [
  ...['flood', 'others p50 ms', 'p99 ms', 'missed', 'loop p99 ms', 'max ms', 'memory MB'],
  ...['right after ms', 'server', 'daemon', 'elsewhere'],
];

const cellsOf = ({ flood, others, loop, memory, rightAfter }: FloodRow): string[] => [
  flood,
  ...[others.latency.p50, others.latency.p99].map(whole),
  String(others.missed),
  ...[loop.p99, loop.max, memory, rightAfter].map(whole),
  ...[others.cpu.server, others.cpu.watcher, others.cpu.elsewhere].map((cores) => cores.toFixed(2)),
];

const goalsOf = (rows: readonly FloodRow[]): string[][] => {
  const floods = rows.filter(({ flood }) => flood !== CALM);
  const worst = (of: (row: FloodRow) => number): number => Math.max(...floods.map(of));
  const goal = (what: string, most: number, measured: number): string[] => [
    ...[what, `≤ ${most} ms`, `${whole(measured)} ms`, measured <= most ? 'yes' : 'no'],
  ];
  return [
    goal(
      'event loop late in any flood: p99',
      50,
      worst(({ loop }) => loop.p99),
    ),
    goal(
      'event loop late in any flood: max',
      200,
      worst(({ loop }) => loop.max),
    ),
    goal(
      'seen right after any flood',
      2000,
      worst(({ rightAfter }) => rightAfter),
    ),
  ];
};

const writerCells = (row: ThroughputRow, unwatched: ThroughputRow | undefined): string[] => [
  row.monitor,
  `${row.rate.toFixed(1)} MB/s`,
  `${row.perServerSecond.toFixed(1)} MB`,
  `${whole((row.rate / (unwatched?.rate ?? Number.NaN)) * 100)} %`,
];

const whole = (value: number): string => value.toFixed(0);
