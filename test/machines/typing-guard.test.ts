import { describe, expect, it } from 'vitest';
import { answerGuard, enterGuard, pasteGuard } from '../../machines/typing-guard.ts';
import { APPROVAL } from '../support/sessions.ts';
import { asking, atPrompt } from '../support/sights.ts';

describe('an answer', () => {
  it('wants each row of the dialog as it is drawn, not as it was read', () => {
    const rows = ['  rm a b', ' ❯ 1. Yes ✔', '   2. No'];
    const drawn = ['  rm ab', '  rm\u00a0a b  ', ' ❯ 1. Yes ✔\ufe0f', '   2.\u00a0No'];
    const text = drawn.join('\n');
    expect(answerGuard({ ...asking(APPROVAL, rows), text })).toEqual({
      absent: [],
      present: ['  rm\u00a0a b  ', ' ❯ 1. Yes ✔\ufe0f', '   2.\u00a0No'],
    });
  });

  it('wants a long line as the terminal has wrapped it', () => {
    const line = ' rm 日本語 é👩‍👩‍👧 abc';
    const wrapped = { ...asking(APPROVAL, [line.replaceAll('\u200d', '')]), text: line, width: 9 };
    expect(answerGuard(wrapped).present).toEqual([' rm 日本', '語 é👩‍👩‍', '👧 abc']);
  });

  it('wants what no screen has where the dialog has no row to know it by', () => {
    expect(answerGuard(asking(APPROVAL, [])).present).toEqual(['']);
  });
});

it('Enter wants the row with its prompt, as the terminal has wrapped it', () => {
  const wrapped = { ...atPrompt('fix the parser'), width: 10 };
  expect(enterGuard(wrapped).present).toEqual(['❯ fix the ', 'parser']);
});

it('nothing is missed of a mark that ends a row', () => {
  expect(pasteGuard({ ...atPrompt(), text: 'Do you want to' }).absent).toEqual(['Esc to cancel']);
});
