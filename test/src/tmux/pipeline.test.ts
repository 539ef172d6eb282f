import { describe, expect, test } from 'vitest';
import { ConnectionLost, Refused } from '../../../src/tmux/failures.ts';
import { createPipeline, type Reply } from '../../../src/tmux/pipeline.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const start = () => {
  const clock = createManualClock();
  const writes: string[] = [];
  const breaks: string[] = [];
  const pipeline = createPipeline({
    clock,
    write: (lines) => void writes.push(lines),
    broken: (detail) => void breaks.push(detail),
  });
  const answer = (text: string, more: Partial<Reply> = {}) =>
    pipeline.answer({
      ...{ type: 'reply', ok: true, fromStdin: true, cut: false, body: Buffer.from(text) },
      ...more,
    });
  return { clock, writes, breaks, pipeline, answer };
};

const turn = () => new Promise(setImmediate);

describe('commands', () => {
  test('that follow each other without a wait go out in one write, a line each', async () => {
    const { pipeline, writes } = start();
    void pipeline.run([
      ['list-panes', '-a'],
      ['kill-session', '-t', "it's $1; a\nb"],
    ]);
    void pipeline.run([['list-clients']]);
    await turn();
    expect(writes).toEqual([
      "list-panes '-a'\nkill-session '-t' 'it'\\''s $1; a'\\n'b'\nlist-clients\n",
    ]);
  });

  test('get their answers in the order in which they were sent', async () => {
    const { pipeline, answer } = start();
    const both = pipeline.run([['one'], ['two']]);
    const third = pipeline.run([['three']]);
    answer('1');
    answer('2\n2');
    answer('3');
    expect((await both).toString()).toBe('1\n2\n2');
    expect((await third).toString()).toBe('3');
  });

  test('fail with what tmux says, and do not touch the answers of others', async () => {
    const { pipeline, answer } = start();
    const failed = pipeline.run([['one'], ['two']]);
    const third = pipeline.run([['three']]);
    answer("can't find pane: %9", { ok: false });
    answer('2');
    answer('3');
    await expect(failed).rejects.toThrow(Refused);
    await expect(failed).rejects.toThrow("can't find pane: %9");
    expect((await third).toString()).toBe('3');
  });

  test('fail where the answer was too long to keep', async () => {
    const { pipeline, answer } = start();
    const cut = pipeline.run([['one']]);
    answer('half', { cut: true });
    await expect(cut).rejects.toThrow('too long');
  });

  test('fail when the connection ends, and afterwards', async () => {
    const { pipeline, clock } = start();
    const open = pipeline.run([['one']]);
    pipeline.close(new ConnectionLost('killed'));
    await expect(open).rejects.toThrow('killed');
    await expect(pipeline.run([['two']])).rejects.toThrow('killed');
    expect(clock.pending()).toBe(0);
  });
});

describe('the connection is broken', () => {
  test('when an answer does not come in time, even after a moment of grace', () => {
    const { pipeline, breaks, clock } = start();
    pipeline.run([['one']]).catch(() => {});
    clock.advance(5000);
    expect(breaks).toEqual([]);
    clock.advance(100);
    expect(breaks).toEqual(['no answer within 5000 ms']);
  });

  test('not when we slept, and the answer only waited to be read', () => {
    const { pipeline, breaks, clock, answer } = start();
    void pipeline.run([['one']]);
    clock.advance(5000);
    answer('1');
    clock.advance(60_000);
    expect(breaks).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  test('not when each of many answers comes in time', () => {
    const { pipeline, breaks, clock, answer } = start();
    for (let second = 0; second < 30; second++) {
      void pipeline.run([['next']]);
      clock.advance(1000);
      if (second >= 3) answer('');
    }
    expect(breaks).toEqual([]);
  });

  test('not while much that was asked at once is answered bit by bit, but when that stops', () => {
    const { pipeline, breaks, clock, answer } = start();
    pipeline.run(Array.from({ length: 5 }, () => ['look'] as const)).catch(() => {});
    for (let answered = 0; answered < 4; answered++) {
      clock.advance(4000);
      answer('');
    }
    expect(breaks).toEqual([]);
    clock.advance(5100);
    expect(breaks).toEqual(['no answer within 5000 ms']);
  });

  test('when something is answered that was not asked', () => {
    const { answer, breaks } = start();
    answer('what?');
    expect(breaks).toEqual(['tmux answered what was not asked']);
  });
});
