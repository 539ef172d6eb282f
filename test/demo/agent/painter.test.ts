import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../demo/agent/frame.ts';
import { span } from '../../../demo/agent/line.ts';
import { createPainter } from '../../../demo/agent/painter.ts';

const SIZE = { columns: 10, rows: 4 };

const frame = (rows: string[], changes: Partial<Frame> = {}): Frame => ({
  screen: 'alternate',
  lines: rows.map((row) => [span(row)]),
  cursor: { row: 0, column: 0 },
  title: 'agent',
  ...changes,
});

describe('a painter', () => {
  it('writes nothing where nothing changed', () => {
    const painter = createPainter();
    painter.paint(frame(['a', 'b']), SIZE);
    expect(painter.paint(frame(['a', 'b']), SIZE)).toBe('');
  });

  it('writes only the rows that changed', () => {
    const painter = createPainter();
    painter.paint(frame(['a', 'b', 'c']), SIZE);
    expect(painter.paint(frame(['a', 'B', 'c']), SIZE)).toBe('\x1b[2;1HB\x1b[K\x1b[1;1H');
  });

  it('writes every row of a whole frame', () => {
    const painter = createPainter();
    painter.paint(frame(['a', 'b']), SIZE);
    expect(painter.paint(frame(['a', 'b']), SIZE, true)).toBe(
      '\x1b[1;1Ha\x1b[K\x1b[2;1Hb\x1b[K\x1b[1;1H',
    );
  });

  it('does not erase the last cell of a full row', () => {
    expect(createPainter().paint(frame(['0123456789']), SIZE)).toContain('0123456789\x1b[1;1H');
  });

  it('tells the title when it changes', () => {
    const painter = createPainter();
    expect(painter.paint(frame(['a'], { title: 'one' }), SIZE)).toContain('\x1b]0;one\x07');
    expect(painter.paint(frame(['b'], { title: 'one' }), SIZE)).not.toContain('\x1b]0;');
    expect(painter.paint(frame(['b'], { title: 'two' }), SIZE)).toContain('\x1b]0;two\x07');
    expect(painter.leave()).toContain('\x1b]0;\x07');
  });

  it('enters the alternate screen once, and leaves it', () => {
    const painter = createPainter();
    expect(painter.paint(frame(['?'], { screen: 'main', title: null }), SIZE)).not.toContain(
      '?1049h',
    );
    expect(painter.paint(frame(['a']), SIZE)).toContain('\x1b[?1049h');
    expect(painter.paint(frame(['b']), SIZE)).not.toContain('?1049h');
    expect(painter.leave()).toContain('\x1b[?1049l');
  });

  it('draws from nothing after it forgot', () => {
    const painter = createPainter();
    painter.paint(frame(['a', 'b']), SIZE);
    painter.forget();
    expect(painter.paint(frame(['a', 'b']), SIZE)).toContain('\x1b[2J\x1b[1;1Ha');
  });

  it('goes back to the first changed row on the main screen', () => {
    const painter = createPainter();
    const at = (rows: string[]): Frame =>
      frame(rows, { screen: 'main', cursor: { row: rows.length - 1, column: 0 } });
    painter.paint(at(['a', 'b', 'c']), SIZE);
    expect(painter.paint(at(['a', 'B', 'c', 'd']), SIZE)).toBe(
      '\x1b[1A\r\x1b[JB\x1b[K\r\nc\x1b[K\r\nd\x1b[K\r',
    );
  });
});
