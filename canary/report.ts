/** What the canary tells: each screen, what it is, what it was taken for, and what is not right. */

import type { Judged, Want } from './judging.ts';
import type { Tried } from './try.ts';

/** What is not as it must be, one line each; empty where all is. */
export const walkFaults = ({ judged, missed, takenFor, installed }: Tried): string[] => {
  const { kind } = installed.cli;
  return [
    ...(takenFor === kind ? [] : [`its processes are taken for ${takenFor ?? 'no agent'}`]),
    ...judged.flatMap(({ state, faults, verdict }) =>
      faults.map((fault) => `${state}: ${fault} (${verdict.rule}: "${verdict.evidence}")`),
    ),
    ...missed.map(({ step, why }) => `${step} cannot be walked: ${why}`),
  ];
};

export const reportOf = (tried: Tried): string => {
  const { installed, version, judged, refused, unknown } = tried;
  const right = judged.filter(({ faults }) => faults.length === 0).length;
  return [
    `${installed.cli.kind} ${version}  ${installed.file}`,
    ...judged.map(rowOf),
    ...walkFaults(tried).map((fault) => `  DISAGREES  ${fault}`),
    ...(refused.length === 0 ? [] : [`  wanted to reach and could not: ${refused.join(', ')}`]),
    ...(unknown.length === 0
      ? []
      : [`  asked the model for what it has not: ${unknown.join(', ')}`]),
    `  ${right} of ${judged.length} screens are judged as what they are`,
  ].join('\n');
};

const rowOf = ({ state, want, verdict, faults }: Judged): string => {
  const { activity, attention, rule } = verdict;
  const mark = faults.length === 0 ? ' ' : '✗';
  const cells = [state.padEnd(21), nameOf(want).padEnd(27), `${activity} ${attention}`.padEnd(20)];
  return `${mark} ${cells.join(' ')} ${rule}`;
};

const nameOf = ({ activity, attention }: Want): string =>
  `${activity.join('|')} ${attention.join('|')}`;
