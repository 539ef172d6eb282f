import { describe, expect, it } from 'vitest';
import {
  leavesText,
  recall,
  tooLong,
  withSent,
} from '../../../dashboard/src/monitor/own-commands.ts';

describe('withSent', () => {
  it('keeps the newest last, and each once', () => {
    expect(withSent(['a', 'b', 'c'], 'a')).toEqual(['b', 'c', 'a']);
  });

  it('forgets the oldest beyond fifty', () => {
    const sent = Array.from({ length: 50 }, (_, index) => `${index}`);
    const next = withSent(sent, 'new');
    expect(next).toHaveLength(50);
    expect([next[0], next.at(-1)]).toEqual(['1', 'new']);
  });

  it('does not keep what is too long', () => {
    expect(withSent(['a'], 'x'.repeat(4_001))).toEqual(['a']);
  });
});

describe('tooLong', () => {
  it('counts bytes, as the monitor does', () => {
    expect(tooLong('x'.repeat(65_536))).toBeNull();
    expect(tooLong('ü'.repeat(32_768))).toBeNull();
    expect(tooLong('ü'.repeat(32_769))).toMatch(/^The text has 65,538 bytes; at most 65,536 /);
  });
});

describe('recall', () => {
  const sent = ['first', 'second'];

  it('goes back to the oldest, and forth to what was being written', () => {
    const one = recall(sent, { from: null, text: 'draft', step: -1 });
    expect(one?.text).toBe('second');
    const two = recall(sent, { from: one?.to ?? null, text: 'second', step: -1 });
    expect(two?.text).toBe('first');
    expect(recall(sent, { from: two?.to ?? null, text: 'first', step: -1 })).toBeNull();
    const three = recall(sent, { from: two?.to ?? null, text: 'first', step: 1 });
    const four = recall(sent, { from: three?.to ?? null, text: 'second', step: 1 });
    expect(four?.text).toBe('draft');
    expect(recall(sent, { from: four?.to ?? null, text: 'draft', step: 1 })).toBeNull();
  });

  it('leads nowhere where nothing was sent', () => {
    expect(recall([], { from: null, text: '', step: -1 })).toBeNull();
  });
});

describe('leavesText', () => {
  it.each([
    ['the first line', 'a\nb', 1, -1, true],
    ['the second line', 'a\nb', 2, -1, false],
    ['the first line', 'a\nb', 1, 1, false],
    ['the last line', 'a\nb', 2, 1, true],
    ['an empty text', '', 0, -1, true],
  ] as const)('from %s of %j at %d by %d: %s', (_, text, cursor, step, expected) => {
    expect(leavesText(text, cursor, step)).toBe(expected);
  });
});
