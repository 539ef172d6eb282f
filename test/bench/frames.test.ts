import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { frameOf, type Scene } from '../../bench/frames.ts';
import { classify } from '../../src/analysis/classify.ts';

const scene = (parts: Partial<Scene>): Scene => ({ turn: 7, busy: true, frame: 3, ...parts });

/** Title and lines, as a terminal would show the frame. */
const shown = (frame: Buffer) => {
  const [title = '', block = ''] = frame.toString().split('\x07');
  return {
    title: title.replace('\x1b]0;', ''),
    text: stripVTControlCharacters(block).replaceAll('\r', ''),
  };
};

const judged = (parts: Partial<Scene>) =>
  classify({
    ...{ kind: 'claude-code', command: 'cat', width: 120, height: 40 },
    ...shown(frameOf(scene(parts))),
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
      expect(frameOf(scene({ busy, frame: 4 }))).not.toEqual(frameOf(scene({ busy })));
      expect(judged({ busy, frame: 4 }).fingerprint).toBe(judged({ busy }).fingerprint);
    }
  });

  it('erases exactly the block that it draws again', () => {
    const lines = shown(frameOf(scene({}))).text.split('\n').length;
    const erased = frameOf(scene({})).toString().split('\x1b[2K').length - 1;
    expect(erased).toBe(lines);
    for (const parts of [{ busy: false }, { turn: 12_345 }, { frame: 99_999 }]) {
      expect(shown(frameOf(scene(parts))).text.split('\n')).toHaveLength(lines);
    }
  });

  it('is as long as what agents write', () => {
    expect(frameOf(scene({})).length).toBeGreaterThan(1600);
    expect(frameOf(scene({})).length).toBeLessThan(1800);
  });
});
