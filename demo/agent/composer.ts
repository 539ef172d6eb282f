/** The box a person types into: a draft, with long pastes shown as placeholders. */

import type { Composer } from './state.ts';

export const typeText = (composer: Composer, text: string, now: number): Composer =>
  text.length > LONG
    ? pasteText(composer, text, now)
    : { ...composer, draft: composer.draft + printable(text), textAt: now, hint: false };

/** A paste stands in the draft as it is while it is short; a long one is a placeholder. */
export const pasteText = (composer: Composer, pasted: string, now: number): Composer => {
  const text = printable(pasted);
  const lines = text.split('\n').length;
  if (lines <= SHORT_LINES && text.length <= LONG) {
    return { ...composer, draft: composer.draft + text, textAt: now, hint: false };
  }
  const number = composer.pasted + 1;
  const token = `[Pasted text #${number}${lines > 1 ? ` +${lines - 1} lines` : ''}]`;
  return {
    draft: composer.draft + token,
    pastes: [...composer.pastes, { token, text }],
    pasted: number,
    textAt: now,
    hint: true,
  };
};

/** Removes the last character as a person sees it, or a whole placeholder. */
export const eraseLast = (composer: Composer): Composer => {
  const token = composer.pastes.findLast((paste) => composer.draft.endsWith(paste.token))?.token;
  const last = token ?? [...new Intl.Segmenter().segment(composer.draft)].at(-1)?.segment ?? '';
  return {
    ...composer,
    draft: composer.draft.slice(0, composer.draft.length - last.length),
    hint: false,
  };
};

export const clearComposer = (composer: Composer): Composer => ({
  ...composer,
  draft: '',
  pastes: [],
  hint: false,
});

/** The draft with every placeholder replaced by what was pasted. */
export const expandedDraft = ({ draft, pastes }: Composer): string =>
  pastes.reduce((text, paste) => text.replace(paste.token, () => paste.text), draft);

/** Carriage returns are newlines, tabs four spaces; other control characters would break the drawing. */
const printable = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/\t/g, '    ')
    .replace(/[^\P{Cc}\n]/gu, '');

/** As measured with 2.1.330: more characters or lines than these become a placeholder. */
const LONG = 800;
const SHORT_LINES = 3;
