import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { explainLines } from '../../../src/cli/explain-lines.ts';

const run = async (
  chunks: readonly (string | Uint8Array)[],
  explain = (given: object): object => given,
) => {
  let written = '';
  const complaints: string[] = [];
  const bad = await explainLines({
    input: (async function* () {
      for (const chunk of chunks) yield Buffer.from(chunk as string);
    })(),
    explain,
    kindNamed: (name) => (name === 'codex' ? name : null),
    write: async (text) => {
      written += text;
    },
    complain: (message) => complaints.push(message),
  });
  const lines = written.split('\n').slice(0, -1);
  return { bad, complaints, written, answers: lines.map((line) => JSON.parse(line)) };
};

describe('explainLines', () => {
  it('answers each line in order, under its id', async () => {
    const { answers, bad } = await run([
      '{"id":"b","title":"t","kind":"codex","screen":"x"}\n{"screen":"y","id":7}\n',
    ]);
    expect(answers).toEqual([
      { id: 'b', title: 't', kind: 'codex', screen: 'x' },
      { id: 7, title: '', kind: null, screen: 'y' },
    ]);
    expect(bad).toBe(0);
  });

  it('takes null and an empty kind for not given, and any other field as it comes', async () => {
    const { answers } = await run(['{"id":1,"kind":null,"title":null,"screen":"","extra":[]}']);
    expect(answers).toEqual([{ id: 1, title: '', kind: null, screen: '' }]);
    expect((await run(['{"id":1,"kind":"","screen":""}'])).bad).toBe(0);
  });

  it('is indifferent to how the bytes come, and to what ends the last line', async () => {
    const text = '\ufeff{"id":1,"screen":"┃ \u2028 é"}\r\n\n  \n{"id":2,"screen":"a\\nb"}';
    const whole = await run([text]);
    expect(whole.answers.map(({ screen }) => screen)).toEqual(['┃ \u2028 é', 'a\nb']);
    const bytes = [...Buffer.from(text)].map((byte) => Uint8Array.of(byte));
    expect(await run(bytes)).toEqual(whole);
    expect(await run([`${text}\n`])).toEqual(whole);
  });

  it.each([
    ['no', /^line 2: is not JSON/],
    ['[1]', /^line 2: must be an object/],
    ['null', /^line 2: must be an object/],
    ['{"screen":"x"}', /^line 2: "id" must be/],
    ['{"id":{},"screen":"x"}', /^line 2: "id" must be/],
    ['{"id":1}', /^line 2: "screen" must be a text/],
    ['{"id":1,"screen":["x"]}', /^line 2: "screen" must be a text/],
    ['{"id":1,"screen":"x","title":4}', /^line 2: "title" must be a text/],
  ])('names the line of %s and goes on', async (line, complaint) => {
    const good = '{"id":0,"screen":""}';
    const { bad, answers, complaints } = await run([`${good}\n${line}\n${good}`]);
    expect(complaints).toEqual([expect.stringMatching(complaint)]);
    expect(bad).toBe(1);
    expect(answers).toHaveLength(2);
  });

  it('explains a screen of an unknown kind as one without a kind, and complains', async () => {
    const { bad, answers, complaints } = await run(['{"id":1,"screen":"x","kind":"vi"}']);
    expect(answers).toEqual([{ id: 1, title: '', kind: null, screen: 'x' }]);
    expect(complaints).toEqual([expect.stringMatching(/^line 1: "kind" is "vi"/)]);
    expect(bad).toBe(1);
  });

  it('goes on after a screen that cannot be judged', async () => {
    const { bad, complaints, answers } = await run(
      ['{"id":1,"screen":"bad"}\n{"id":2,"screen":"good"}'],
      (given) => {
        if ((given as { screen: string }).screen === 'bad') throw new TypeError('no regions');
        return given;
      },
    );
    expect(complaints).toEqual(['line 1: could not be judged: TypeError: no regions']);
    expect(answers.map(({ id }) => id)).toEqual([2]);
    expect(bad).toBe(1);
  });

  it('passes over a line that no screen makes, and counts on', async () => {
    const megabyte = 'x'.repeat(1024 * 1024);
    const { complaints, answers } = await run([
      ...Array.from({ length: 33 }, () => megabyte),
      '\n{"id":2,"screen":""}\nno\n',
    ]);
    expect(complaints).toEqual([
      expect.stringMatching(/^line 1: longer than \d+ characters$/),
      expect.stringMatching(/^line 3: is not JSON/),
    ]);
    expect(answers).toHaveLength(1);
  });

  it('writes nothing that a terminal would obey', async () => {
    const { written, answers } = await run(['{"id":1,"screen":"\\u009b31m\\u202e\\u001b[2J"}']);
    expect(written.trimEnd()).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    expect(answers[0].screen).toBe('\u009b31m\u202e\u001b[2J');
  });
});
