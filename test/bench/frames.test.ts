import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { frameOf, type Scene } from '../../bench/frames.ts';
import { classify } from '../../src/analysis/classify.ts';

const scene = (parts: Partial<Scene>): Scene => ({ turn: 7, busy: true, frame: 3, ...parts });
const first = (parts: Partial<Scene>): string => frameOf(scene(parts), null).toString();
const next = (parts: Partial<Scene>): string => frameOf(scene(parts), scene({})).toString();

/** Title and lines, as a terminal shows a first frame. */
const shown = (frame: string) => {
  const [title = '', block = ''] = frame.split('\x07');
  return { title: title.replace('\x1b]0;', ''), text: stripVTControlCharacters(block) };
};
const linesOf = (frame: string): number => shown(frame).text.split('\n').length;

const judged = (parts: Partial<Scene>) =>
  classify({
    ...{ kind: 'claude-code', command: 'cat', width: 120, height: 40 },
    ...shown(first(parts)),
  });

describe('a frame of a simulated agent', () => {
  it('is judged as a turn that only reads, and names it', () => {
    expect(judged({ busy: true })).toMatchObject({ activity: 'reading', attention: 'none' });
    expect(judged({ busy: true }).evidence).toContain('turn 7');
  });

  it('is judged as a turn that has ended', () => {
    expect(judged({ busy: false })).toMatchObject({ activity: 'complete', reason: 'done' });
  });

  it('differs from the one before it, but not in what matters', () => {
    for (const busy of [true, false]) {
      expect(first({ busy, frame: 4 })).not.toBe(first({ busy }));
      expect(judged({ busy, frame: 4 }).fingerprint).toBe(judged({ busy }).fingerprint);
    }
  });

  it('erases exactly the block that it draws again', () => {
    const lines = linesOf(first({}));
    expect(next({ frame: 4 }).split('\x1b[2K')).toHaveLength(lines + 1);
    for (const parts of [{ busy: false }, { turn: 12_345 }, { frame: 99_999 }]) {
      expect(linesOf(first(parts))).toBe(lines);
    }
  });

  it('begins with its title where that is new', () => {
    expect(next({ turn: 8 })).toMatch('\x1b]0;⠐ Turn 8\x07');
    expect(next({ busy: false })).toMatch('\x1b]0;✳ Turn 7\x07');
    expect(next({ frame: 4 })).not.toContain('\x1b]0;');
  });

  it('is as long as what agents write', () => {
    expect(Buffer.byteLength(next({ frame: 4 }))).toBeGreaterThan(1600);
    expect(Buffer.byteLength(next({ turn: 8 }))).toBeLessThan(1800);
  });
});
