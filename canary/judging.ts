/** What a screen must be judged to be, and what the daemon's own sight says of it. */

import type { Activity, AgentKind, Attention, Verdict } from '../machines/vocabulary.ts';
import { classify } from '../src/analysis/classify.ts';
import type { Capture } from './pane.ts';

/** Any of the activities, and any of the attentions. */
export interface Want {
  activity: readonly Activity[];
  attention: readonly Attention[];
}

export interface Judged {
  state: string;
  want: Want;
  verdict: Verdict;
  capture: Capture;
  /** What is not as wanted; empty where all is. */
  faults: string[];
}

export const judge = (kind: AgentKind, state: string, want: Want, capture: Capture): Judged => {
  const { text, title, width, height, command } = capture;
  const verdict = classify({ kind, text, title, width, height, command });
  return { state, want, verdict, capture, faults: verdictFaults(want, verdict) };
};

/** What of the verdict is not as wanted, one line each. */
export const verdictFaults = (want: Want, { activity, attention, dialog }: Verdict): string[] => {
  const faults: string[] = [];
  if (!want.activity.includes(activity)) faults.push(`${activity}, not ${want.activity.join('|')}`);
  if (!want.attention.includes(attention)) {
    faults.push(`attention ${attention}, not ${want.attention.join('|')}`);
  } else if (attention === 'approval' && (dialog?.options.length ?? 0) < 2) {
    faults.push('the dialog has no options to choose from');
  }
  return faults;
};

const NO_ATTENTION: readonly Attention[] = ['none'];

/** What the states of the walk are, in the words of a single look. */
export const WANTS = {
  ready: { activity: ['complete'], attention: NO_ATTENTION },
  looking: { activity: ['reading'], attention: NO_ATTENTION },
  changing: { activity: ['working'], attention: NO_ATTENTION },
  running: { activity: ['reading', 'working'], attention: NO_ATTENTION },
  approval: { activity: ['reading', 'working'], attention: ['approval'] },
  question: { activity: ['reading', 'working'], attention: ['question'] },
  complete: { activity: ['complete'], attention: NO_ATTENTION },
  interrupted: { activity: ['idle'], attention: NO_ATTENTION },
  error: { activity: ['error'], attention: NO_ATTENTION },
} satisfies Record<string, Want>;

/** A dialog before the first prompt says nothing of any work. */
export const wantOpening = (attention: Attention): Want => ({
  activity: ['idle', 'unknown'],
  attention: [attention],
});
