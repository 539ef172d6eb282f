/** Looks taken for typing, as tests like them: short to say, whole to read. */

import type { Reading } from '../../machines/command-context.ts';
import type { SeenDialog, Verdict } from '../../machines/vocabulary.ts';
import { APPROVAL, verdict } from './sessions.ts';

const DIALOG_MARKS = ['Esc to cancel', 'Do you want to '];

const sight = (seen: Verdict, text = ''): Reading => ({
  verdict: seen,
  text,
  width: 120,
  dialogMarks: DIALOG_MARKS,
  interruptKeys: ['Escape'],
});

/** At the prompt, with that in the composer. */
export const atPrompt = (draft = '', more: Partial<Verdict> = {}): Reading =>
  sight(
    verdict('complete', {
      composer: draft === '' ? { content: 'empty', text: '' } : { content: 'draft', text: draft },
      ...more,
    }),
    `❯ ${draft}`,
  );

export const working = (draft = ''): Reading => atPrompt(draft, { activity: 'working' });

export const pastedAs = (placeholder: string): Reading =>
  atPrompt(placeholder, { composer: { content: 'paste', text: placeholder } });

/** Nothing can be told: starting up, or something in front of the composer. */
export const unreadable = (): Reading =>
  sight(verdict('unknown', { composer: { content: 'absent', text: '' } }));

export const asking = (
  dialog: SeenDialog = APPROVAL,
  rows = ['Do you want to proceed?'],
): Reading =>
  sight(
    verdict('working', {
      attention: dialog.attention,
      dialog,
      dialogRows: rows,
      dialogIsCut: false,
      composer: { content: 'absent', text: '' },
    }),
    rows.join('\n'),
  );

/** A plain shell, or any program, with that on its screen. */
export const shell = (text = '$ ', more: Partial<Verdict> = {}): Reading => ({
  verdict: verdict('complete', { composer: { content: 'absent', text: '' }, ...more }),
  text,
  width: 120,
  dialogMarks: [],
  interruptKeys: ['Escape'],
});

export const TRUST: SeenDialog = {
  id: 'trust',
  attention: 'trust',
  question: 'Do you trust this folder?',
  options: [
    { id: '1', label: 'No, exit', key: null, preselected: true },
    { id: '2', label: 'Maybe', key: null, preselected: false },
    { id: '3', label: 'Yes, I trust this folder', key: null, preselected: false },
  ],
};

export const withCursorOn = (dialog: SeenDialog, id: string): SeenDialog => ({
  ...dialog,
  options: dialog.options.map((option) => ({ ...option, preselected: option.id === id })),
});
