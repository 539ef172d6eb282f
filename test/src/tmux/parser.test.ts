import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createParser, type Message, unescapeOutput } from '../../../src/tmux/parser.ts';

const parse = (text: string | Buffer, limits?: Parameters<typeof createParser>[0]): Message[] =>
  createParser(limits)(Buffer.from(text));

const reply = (body: string, more: object = {}) => ({
  ...{ type: 'reply', ok: true, fromStdin: true, cut: false },
  body: Buffer.from(body),
  ...more,
});

describe('notifications', () => {
  test('carry their name and the rest of the line', () => {
    expect(parse('%session-renamed $3 shop api\n%sessions-changed\n%exit\n')).toEqual([
      { type: 'notice', name: 'session-renamed', rest: '$3 shop api' },
      { type: 'notice', name: 'sessions-changed', rest: '' },
      { type: 'notice', name: 'exit', rest: '' },
    ]);
  });

  test('of output name the pane and keep the bytes as they came', () => {
    expect(parse('%output %7 a\\015\\012 : b\n%extended-output %12 340 : c : d\n')).toEqual([
      { type: 'output', pane: '%7', data: Buffer.from('a\\015\\012 : b') },
      { type: 'output', pane: '%12', data: Buffer.from('c : d') },
    ]);
  });

  test('are nothing when they lack the percent sign', () => {
    expect(parse('stray text\n\n')).toEqual([]);
  });
});

describe('replies', () => {
  test('tell success from error, and our commands from the others', () => {
    const stream =
      '%begin 1700000000 5 1\none\ntwo\n%end 1700000000 5 1\n' +
      "%begin 1700000000 6 0\ncan't find pane: %9\n%error 1700000000 6 0\n";
    expect(parse(stream)).toEqual([
      reply('one\ntwo'),
      reply("can't find pane: %9", { ok: false, fromStdin: false }),
    ]);
  });

  test('keep blank lines, and none at all is the empty text', () => {
    expect(parse('%begin 1 2 1\n\nx\n\n\n%end 1 2 1\n')).toEqual([reply('\nx\n\n')]);
    expect(parse('%begin 1 2 1\n%end 1 2 1\n')).toEqual([reply('')]);
  });

  test('keep text that looks like protocol but has another number', () => {
    const screen = '%end 1 2 1\n%error 1700000000 7 0\n%output %1 x\n%begin 1 2 1\n%exit';
    expect(parse(`%begin 1700000000 7 1\n${screen}\n%end 1700000000 7 1\n`)).toEqual([
      reply(screen),
    ]);
  });

  test('that end without having begun are broken protocol', () => {
    expect(parse('%end 1 2 1\n')).toEqual([{ type: 'broken', line: '%end 1 2 1' }]);
  });
});

describe('limits', () => {
  const limits = { lineBytes: 100, replyBytes: 300 };

  test('cut a reply that is too long, say so, and go on after it', () => {
    const long = 'x'.repeat(90);
    const stream = `%begin 1 2 1\n${`${long}\n`.repeat(5)}%end 1 2 1\n%exit\n`;
    const [cut, exit] = parse(stream, limits);
    expect(cut).toMatchObject({ type: 'reply', cut: true });
    expect((cut as { body: Buffer }).body.length).toBeLessThanOrEqual(300);
    expect(exit).toMatchObject({ name: 'exit' });
  });

  test('keep only the beginning of a line of output that is too long', () => {
    const [output] = parse(`%output %1 ${'x'.repeat(500)}\n`, limits);
    expect(output).toMatchObject({ type: 'output', pane: '%1' });
    expect((output as { data: Buffer }).data.length).toBe(100 - '%output %1 '.length);
  });

  test('hold in memory while a line of ten megabytes has not ended', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    const parser = createParser();
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    for (let sent = 0; sent < 160; sent++) parser(Buffer.alloc(1 << 16, 'x'));
    await vi.waitFor(() => {
      collectGarbage();
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 << 20);
    });
    expect(parser(Buffer.from('\n%exit\n'))).toMatchObject([{ name: 'exit' }]);
  });
});

describe('any chunking', () => {
  const line = fc.oneof(
    fc.constantFrom(
      ...['%begin 1 2 1', '%end 1 2 1', '%error 1 2 1', '%begin 1 3 0', '%end 1 3 0'],
      ...['%output %7 a\\033[1m', '%extended-output %7 0 : é', '%exit', '%begin', '%', ''],
    ),
    fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text.replaceAll('\n', ' ')),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  );
  const stream = fc
    .array(line, { maxLength: 30 })
    .map((lines) => Buffer.from(lines.map((text) => `${text}\n`).join('')));
  const limits = { lineBytes: 40, replyBytes: 90 };

  test('gives the same messages, down to one byte at a time', () => {
    fc.assert(
      fc.property(stream, (bytes) => {
        const parser = createParser(limits);
        const one = [...bytes].flatMap((byte) => parser(Buffer.from([byte])));
        expect(one).toEqual(parse(bytes, limits));
      }),
    );
  });

  test('gives the same messages, cut anywhere', () => {
    fc.assert(
      fc.property(stream, fc.nat(), (bytes, at) => {
        const parser = createParser(limits);
        const cut = at % (bytes.length + 1);
        const both = [...parser(bytes.subarray(0, cut)), ...parser(bytes.subarray(cut))];
        expect(both).toEqual(parse(bytes, limits));
      }),
    );
  });
});

describe('unescapeOutput', () => {
  /** As tmux does it: below 0x20, and the backslash. */
  const escapeOutput = (bytes: Uint8Array): Buffer =>
    Buffer.concat(
      [...bytes].map((byte) =>
        byte < 0x20 || byte === 0x5c
          ? Buffer.from(`\\${byte.toString(8).padStart(3, '0')}`)
          : Buffer.from([byte]),
      ),
    );

  test('gives back every byte that was escaped', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(unescapeOutput(escapeOutput(bytes))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('leaves a character whole that two notifications share', () => {
    const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
    const stream = Buffer.concat([
      ...[Buffer.from('%output %1 '), first, Buffer.from('\n')],
      ...[Buffer.from('%output %1 '), second, Buffer.from('\n')],
    ]);
    const decoder = new TextDecoder();
    const text = createParser()(stream)
      .flatMap((message) => (message.type === 'output' ? [unescapeOutput(message.data)] : []))
      .map((bytes) => decoder.decode(bytes, { stream: true }))
      .join('');
    expect(text).toBe('é');
  });
});
