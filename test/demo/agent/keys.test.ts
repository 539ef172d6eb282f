import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyReader, type Input } from '../../../demo/agent/keys.ts';

const readWhole = (bytes: string): Input[] => createKeyReader().read(Buffer.from(bytes));

/** What a person could tell: neighbouring texts are one. */
const joined = (inputs: Input[]): Input[] =>
  inputs.reduce<Input[]>((all, input) => {
    const last = all.at(-1);
    if (last?.type !== 'text' || input.type !== 'text') return all.concat(input);
    return all.slice(0, -1).concat({ type: 'text', text: last.text + input.text });
  }, []);

describe('a key reader', () => {
  it.each([
    { bytes: 'hello', inputs: [{ type: 'text', text: 'hello' }] },
    {
      bytes: 'go\r',
      inputs: [
        { type: 'text', text: 'go' },
        { type: 'key', key: 'enter' },
      ],
    },
    { bytes: '\n', inputs: [{ type: 'key', key: 'newline' }] },
    {
      bytes: '\x7f\x15',
      inputs: [
        { type: 'key', key: 'backspace' },
        { type: 'key', key: 'ctrl-u' },
      ],
    },
    {
      bytes: '\x1b[A\x1b[B',
      inputs: [
        { type: 'key', key: 'up' },
        { type: 'key', key: 'down' },
      ],
    },
    { bytes: '\x1b[I', inputs: [{ type: 'key', key: 'focus-in' }] },
    { bytes: '\x1b[200~a\rb\x1b[201~', inputs: [{ type: 'paste', text: 'a\rb' }] },
    { bytes: '\x1b[<35;10;4M', inputs: [] },
    { bytes: '\x1b]11;rgb:0/0/0\x1b\\', inputs: [] },
    { bytes: '\x1bx', inputs: [{ type: 'key', key: 'alt-x' }] },
    { bytes: '漢字🎉', inputs: [{ type: 'text', text: '漢字🎉' }] },
  ])('reads $bytes', ({ bytes, inputs }) => {
    expect(readWhole(bytes)).toEqual(inputs);
  });

  it('holds an ESC back until nothing followed it', () => {
    const keys = createKeyReader();
    expect(keys.read(Buffer.from('\x1b'))).toEqual([]);
    expect(keys.pending()).toBe(true);
    expect(keys.flush()).toEqual([{ type: 'key', key: 'escape' }]);
    expect(keys.pending()).toBe(false);
  });

  it('does not take the beginning of a paste for an Escape', () => {
    const keys = createKeyReader();
    keys.read(Buffer.from('\x1b[200~half'));
    expect(keys.pending()).toBe(false);
    expect(keys.flush()).toEqual([]);
    expect(keys.read(Buffer.from(' more\x1b[201~'))).toEqual([
      { type: 'paste', text: 'half more' },
    ]);
  });

  it('reads the same however the bytes are cut', () => {
    const piece = fc.constantFrom(
      'a',
      'é',
      '漢',
      '🎉',
      '\r',
      '\x7f',
      '\x1b[A',
      '\x1b[200~x\ny\x1b[201~',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 20 }),
        fc.integer({ min: 1, max: 5 }),
        (parts, size) => {
          const bytes = Buffer.from(parts.join(''));
          const keys = createKeyReader();
          const inputs: Input[] = [];
          for (let i = 0; i < bytes.length; i += size)
            inputs.push(...keys.read(bytes.subarray(i, i + size)));
          expect(joined(inputs)).toEqual(joined(readWhole(parts.join(''))));
        },
      ),
    );
  });
});
