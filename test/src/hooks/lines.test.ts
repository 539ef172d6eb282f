import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLines } from '../../../src/hooks/lines.ts';

const split = (bytes: Buffer, cuts: readonly number[], maxBytes: number): string[] => {
  const lines = createLines(maxBytes);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.flatMap((end, index) => lines.push(bytes.subarray(ends[index - 1] ?? 0, end)));
};

it('answers the same lines however the file is cut into pieces', () => {
  const text = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '🧪', '\n', '\r', '"') }));
  fc.assert(
    fc.property(text, fc.array(fc.nat(200), { maxLength: 8 }), (parts, cuts) => {
      const whole = parts.join('');
      const expected = whole
        .split('\n')
        .slice(0, -1)
        .filter((line) => Buffer.byteLength(line) <= 20);
      expect(split(Buffer.from(whole), cuts, 20)).toEqual(expected);
    }),
  );
});

it('keeps its own copy of what is unfinished', () => {
  const lines = createLines(100);
  const piece = Buffer.from('half ');
  lines.push(piece);
  piece.fill('x');
  expect(lines.push(Buffer.from('line\n'))).toEqual(['half line']);
});

it('forgets what was unfinished when the file begins anew', () => {
  const lines = createLines(100);
  lines.push(Buffer.from('half'));
  lines.reset();
  expect(lines.push(Buffer.from('whole\n'))).toEqual(['whole']);
});
