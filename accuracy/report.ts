/** The figures as tables: the same in the terminal and in docs/accuracy.md. */

import { type Latency, latencyOf, table } from '../bench/figures.ts';
import type { Findings } from './findings.ts';
import { OTHER_COUNTS, OTHER_LABELS } from './listed.ts';
import type { RecordedRun } from './recordings.ts';
import { barOf, type Score } from './scoring.ts';
import type { Watched } from './watcher.ts';

export interface Replayed {
  run: RecordedRun;
  watched: Watched;
  findings: Findings;
}

export const screensReport = (scores: readonly Score[]): string =>
  [
    table(
      [
        'kind',
        'version',
        'screens',
        'right',
        'share',
        'listed',
        'share with them',
        'dialogs',
        'found',
        'invented',
      ],
      scores.map(({ kind, version, screens, right, listed, dialogs }) => [
        kind,
        version,
        ...[screens, right].map(String),
        percent(right / screens),
        String(listed),
        percent((right + listed) / screens),
        ...[dialogs.shown, dialogs.found, dialogs.invented].map(String),
      ]),
    ),
    list(
      'Below their bars only by labels that are plainly wrong, which the bars leave out:',
      scores.filter(isOnlyMislabelled).map(({ kind, version, screens, right, mislabelled }) => {
        const share = percent((right + mislabelled) / screens);
        return `${kind} ${version}: without its ${mislabelled}, ${share} of ${percent(barOf(kind))}`;
      }),
    ),
    ...scores.map(confusionOf),
    wrongOnes(scores),
    list(
      'Listed: the label says something else than one look can know. The share counts these as wrong.',
      Object.entries(OTHER_LABELS).map(
        ([file, { says, isWrong, why }]) =>
          `\`${file}\` is told as \`${says}\`, its label is ${isWrong ? 'wrong' : 'true'}: ${why}`,
      ),
    ),
  ]
    .filter((part) => part !== '')
    .join('\n\n');

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const isOnlyMislabelled = ({ kind, screens, right, mislabelled }: Score): boolean =>
  right / screens < barOf(kind) && (right + mislabelled) / screens >= barOf(kind);

export const runsReport = (replayed: readonly Replayed[]): string =>
  [
    table(
      [
        'kind',
        'runs',
        'minutes',
        'looks',
        'flaps',
        'too early',
        'dialogs',
        'missed',
        'invented',
        'moments',
        'wrong',
      ],
      [...Map.groupBy(replayed, ({ run }) => run.kind)].map(([kind, runs]) => rowOf(kind, runs)),
    ),
    'From the truth to the verdict, in ms: p50 / p99 (how many).',
    table(
      ['kind', 'a turn begins', 'a turn ends', 'a dialog opens'],
      [...Map.groupBy(replayed, ({ run }) => run.kind)].map(([kind, runs]) => [
        kind,
        ...(['begun', 'ended', 'asked'] as const).map((of) =>
          tell(latencyOf(runs.flatMap(({ findings }) => findings.latency[of]))),
        ),
      ]),
    ),
    overlookedOnes(replayed),
    'Counted at the end of a run, of what the model asked for. Runs without any are left out.',
    table(
      ['run', 'read', 'written', 'commands', ''],
      replayed
        .filter(hasCounts)
        .map(({ run, findings }) => [
          run.name,
          ...findings.counters.map(({ told, asked }) => `${told} of ${asked}`),
          run.name in OTHER_COUNTS ? 'approximate' : '',
        ]),
    ),
    list(
      'Approximate: the screen cannot show it.',
      Object.entries(OTHER_COUNTS).map(([name, { why }]) => `\`${name}\`: ${why}`),
    ),
  ]
    .filter((part) => part !== '')
    .join('\n\n');

const LABELS = ['reading', 'working', 'stuck', 'complete', 'error', 'interrupted', 'dead'];
const ASKING = ['waiting-approval', 'waiting-question'];

const confusionOf = ({ kind, version, confusion }: Score): string => {
  const told = [...new Set([...confusion.values()].flatMap((row) => [...row.keys()]))].sort();
  return table(
    [`${kind} ${version}`, ...told],
    [...LABELS, ...ASKING]
      .filter((label) => confusion.has(label))
      .map((label) => [label, ...told.map((one) => String(confusion.get(label)?.get(one) ?? '·'))]),
  );
};

const wrongOnes = (scores: readonly Score[]): string =>
  list(
    'Told wrong:',
    scores.flatMap(({ wrong }) =>
      wrong.map(
        ({ screen, verdict }) =>
          `\`${screen.file}\` is ${screen.state}: told ${verdict.activity}, ${verdict.attention} by \`${verdict.rule}\``,
      ),
    ),
  );

const rowOf = (kind: string, runs: readonly Replayed[]): string[] => {
  const sum = (of: (one: Replayed) => number): number =>
    runs.reduce((all, one) => all + of(one), 0);
  return [
    kind,
    String(runs.length),
    (sum(({ watched }) => watched.until) / 60).toFixed(1),
    ...[
      sum(({ watched }) => watched.looks),
      sum(({ findings }) => findings.flaps.length),
      sum(({ findings }) => findings.premature.length),
      sum(({ findings }) => findings.dialogs.shown),
      sum(({ findings }) => findings.dialogs.missed.length),
      sum(({ findings }) => findings.dialogs.invented.length),
      sum(({ findings }) => findings.checkpoints.all),
      sum(({ findings }) => findings.checkpoints.wrong.length),
    ].map(String),
  ];
};

const overlookedOnes = (replayed: readonly Replayed[]): string =>
  list(
    'Over before it could be told:',
    replayed.flatMap(({ run, findings }) =>
      findings.overlooked.map(
        ({ t, what }) => `\`${run.name}\` at ${t.toFixed(1)} s: a turn ${what}`,
      ),
    ),
  );

const tell = ({ count, p50, p99 }: Latency): string =>
  count === 0 ? '·' : `${p50} / ${p99} (${count})`;

const hasCounts = ({ findings }: Replayed): boolean =>
  findings.counters.some(({ told, asked }) => told + asked > 0);

const list = (title: string, items: readonly string[]): string =>
  items.length === 0 ? '' : [title, '', ...items.map((item) => `* ${item}`)].join('\n');
