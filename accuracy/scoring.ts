/** Which verdict is right for which label, and how right the verdicts are on the whole. */

import type { Attention, Verdict } from '../machines/vocabulary.ts';
import { OTHER_LABELS } from './listed.ts';
import type { RecordedScreen } from './screens.ts';

/** What a verdict may be for a label. Looks do not tell stuck: the clock does. */
export const isRight = (
  { state }: Pick<RecordedScreen, 'state'>,
  { activity, attention, reason }: Pick<Verdict, 'activity' | 'attention' | 'reason'>,
): boolean => {
  const isRunning = activity === 'reading' || activity === 'working';
  const isQuiet = attention === 'none';
  switch (state) {
    case 'reading':
      return activity === 'reading' && isQuiet;
    case 'working':
    case 'stuck':
      return isRunning && isQuiet;
    case 'complete':
      return activity === 'complete' && isQuiet;
    case 'error':
      return activity === 'error';
    case 'dead':
      return activity === 'error' && reason === 'exited';
    case 'interrupted':
      return activity === 'idle' && isQuiet;
    case 'waiting-approval':
      return ['approval', 'trust', 'login'].includes(attention);
    case 'waiting-question':
      return attention === 'question';
  }
};

/** What is to be said of a screen whose label is not what can be seen. */
export const otherLabel = (file: string) => OTHER_LABELS[file.replace(/ansi$/, 'txt')];

/** A person must answer; a menu may stay open for ever. */
export const needsPerson = (attention: Attention): boolean =>
  attention !== 'none' && attention !== 'other-dialog';

export interface Judged {
  screen: Pick<RecordedScreen, 'file' | 'kind' | 'state'>;
  verdict: Pick<Verdict, 'activity' | 'attention' | 'reason' | 'rule'>;
}

export interface Score {
  kind: string;
  version: string;
  screens: number;
  /** Told as they are labelled. */
  right: number;
  /** Told otherwise, as is listed with its reason. */
  listed: number;
  /** Those of them whose labels are plainly wrong. */
  mislabelled: number;
  wrong: Judged[];
  dialogs: { shown: number; found: number; invented: number };
  /** Label → what was told of it → how often. */
  confusion: Map<string, Map<string, number>>;
}

/** One score for each kind and version, in the order of their files. */
export const scoresOf = (judged: readonly Judged[]): Score[] =>
  [...Map.groupBy(judged, ({ screen }) => versionOf(screen.file)).values()].map(scoreOf);

/** Below which share of right screens, or with which dialogs missed or invented, it is not good enough. */
export const scoreFaults = ({
  kind,
  version,
  screens,
  right,
  mislabelled,
  dialogs,
}: Score): string[] => {
  const of = `${kind} ${version}`;
  return [
    ...((right + mislabelled) / screens < barOf(kind)
      ? [`${of}: ${right} of ${screens} screens are told right`]
      : []),
    ...(dialogs.found < dialogs.shown
      ? [`${of}: ${dialogs.found} of ${dialogs.shown} dialogs are found`]
      : []),
    ...(dialogs.invented > 0 ? [`${of}: ${dialogs.invented} dialogs are told that are none`] : []),
  ];
};

/** The share of screens that must be told right. Labels that are plainly wrong do not count against it. */
export const barOf = (kind: string): number => (kind === 'claude-code' ? 0.98 : 0.95);

const versionOf = (file: string): string => file.split('/').slice(0, 2).join(' ');

const scoreOf = (judged: Judged[]): Score => {
  const [kind = '', version = ''] = (judged[0] as Judged).screen.file.split('/');
  const listed = judged.filter(isAsListed);
  const wrong = judged.filter((one) => !isRight(one.screen, one.verdict) && !isAsListed(one));
  const asking = judged.filter(({ screen }) => screen.state.startsWith('waiting-'));
  const others = judged.filter(({ screen }) => !screen.state.startsWith('waiting-'));
  const confusion: Score['confusion'] = new Map();
  for (const { screen, verdict } of judged) {
    const row = confusion.get(screen.state) ?? new Map<string, number>();
    const told = toldAs(verdict);
    confusion.set(screen.state, row.set(told, (row.get(told) ?? 0) + 1));
  }
  return {
    kind,
    version,
    screens: judged.length,
    right: judged.length - wrong.length - listed.length,
    listed: listed.length,
    mislabelled: listed.filter(({ screen }) => otherLabel(screen.file)?.isWrong).length,
    wrong,
    dialogs: {
      shown: asking.length,
      found: asking.filter(({ screen, verdict }) => isRight(screen, verdict)).length,
      invented: others.filter(({ verdict }) => needsPerson(verdict.attention)).length,
    },
    confusion,
  };
};

const isAsListed = ({ screen, verdict }: Judged): boolean =>
  otherLabel(screen.file)?.says === verdict.activity;

const toldAs = ({ activity, attention }: Judged['verdict']): string =>
  needsPerson(attention) ? attention : activity;
