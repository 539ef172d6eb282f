import { describe, expect, it } from 'vitest';
import { eraseLast, expandedDraft, pasteText, typeText } from '../../../demo/agent/composer.ts';
import type { Composer } from '../../../demo/agent/state.ts';

const EMPTY: Composer = { draft: '', pastes: [], pasted: 0, textAt: 0, hint: false };
const TWELVE = Array.from({ length: 12 }, (_, i) => `row ${i}`).join('\n');

describe('a composer', () => {
  it('shows short pastes as they are', () => {
    expect(pasteText(EMPTY, 'a1\ra2\ra3', 1).draft).toBe('a1\na2\na3');
  });

  it('shows long pastes as placeholders, and submits what was pasted', () => {
    const composer = pasteText(typeText(EMPTY, 'see ', 1), TWELVE, 2);
    expect(composer.draft).toBe('see [Pasted text #1 +11 lines]');
    expect(expandedDraft(composer)).toBe(`see ${TWELVE}`);
  });

  it('takes 801 characters typed at once for a paste, and 800 not', () => {
    expect(typeText(EMPTY, 'x'.repeat(801), 1).draft).toBe('[Pasted text #1]');
    expect(typeText(EMPTY, 'x'.repeat(800), 1).draft).toHaveLength(800);
  });

  it('counts its pastes', () => {
    const twice = pasteText(pasteText(EMPTY, TWELVE, 1), TWELVE, 2);
    expect(twice.draft).toBe('[Pasted text #1 +11 lines][Pasted text #2 +11 lines]');
    expect(expandedDraft(twice)).toBe(TWELVE + TWELVE);
  });

  it('submits a paste with replacement patterns as it is', () => {
    const text = `$& $1 $$ ${'x'.repeat(800)}`;
    expect(expandedDraft(pasteText(EMPTY, text, 1))).toBe(text);
  });

  it('erases what a person sees as one character, or a whole placeholder', () => {
    expect(eraseLast(typeText(EMPTY, 'ok 👩‍💻', 1)).draft).toBe('ok ');
    expect(eraseLast(pasteText(EMPTY, TWELVE, 1)).draft).toBe('');
    expect(eraseLast(EMPTY).draft).toBe('');
  });

  it('drops control characters that would break the drawing', () => {
    expect(typeText(EMPTY, 'a\x1b[31mb\x07\tc', 1).draft).toBe('a[31mb    c');
  });
});
