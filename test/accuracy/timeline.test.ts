import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recordedRun, runNames, type TimelineEvent } from '../../accuracy/recordings.ts';
import { truthOf } from '../../accuracy/timeline.ts';

const key = (t: number, ...keys: string[]): TimelineEvent => ({
  t,
  src: 'driver',
  event: 'key',
  keys,
});
const type = (t: number, text: string): TimelineEvent => ({
  t,
  src: 'driver',
  event: 'type',
  text,
});
const screen = (t: number, state: string): TimelineEvent => ({
  t,
  src: 'driver',
  event: 'screen',
  state,
});
const approve = (t: number): TimelineEvent => ({ t, src: 'driver', event: 'approve' });
const request = (t: number, idx: number | string = 0): TimelineEvent => ({
  t,
  src: 'server',
  event: 'model_request',
  idx,
});
const sent = (t: number, final: boolean, idx: number | string = 0): TimelineEvent => ({
  t,
  src: 'server',
  event: 'turn_sent',
  final,
  idx,
});
const tool = (t: number, name: string, truth: string, idx: number | string = 0): TimelineEvent => ({
  ...{ t, src: 'server', event: 'tool_use_sent', tool: name, idx, truth },
});

describe('truthOf', () => {
  it('ends with the keys that leave the agent', () => {
    const timeline = [type(1, 'go'), key(2, 'Enter'), key(9, 'C-c'), key(9.3, 'C-c')];
    expect(truthOf(timeline, 12).until).toBe(9);
    expect(truthOf([type(1, 'go'), key(2, 'Enter'), type(8, '/exit'), key(9, 'Enter')], 12).until) //
      .toBe(8);
    expect(truthOf([screen(1, 'complete')], 12).until).toBe(12);
  });

  it('takes requests that follow each other for one turn', () => {
    const timeline = [request(1), sent(2, false), request(3, 1), sent(4, true, 1), request(6, 2)];
    expect(truthOf(timeline, 9).turns).toEqual([
      { from: 1, to: 4, ended: true },
      { from: 6, to: 9, ended: false },
    ]);
  });

  it('lets a turn last as long as the subagents that it started', () => {
    const timeline = [request(1), request(2, 'a:0'), sent(3, true), sent(4, true, 'a:0')];
    expect(truthOf([...timeline, request(5, 1), sent(6, true, 1)], 9).turns).toEqual([
      { from: 1, to: 6, ended: true },
    ]);
  });

  it('ends a turn unfinished with Escape, and takes no notice of side requests', () => {
    const timeline = [request(1), sent(2, true, 'side'), key(3, 'Escape'), type(4, 'x')];
    expect(truthOf(timeline, 9).turns).toEqual([{ from: 1, to: 3, ended: false }]);
  });

  it('ends a failed turn with the next prompt', () => {
    const failed: TimelineEvent = { t: 2, src: 'server', event: 'http_error', idx: 0 };
    const timeline = [request(1), failed, type(3, 'again'), key(4, 'Enter'), request(5, 1)];
    expect(truthOf([...timeline, sent(6, true, 1)], 9).turns).toEqual([
      { from: 1, to: 4, ended: false },
      { from: 5, to: 6, ended: true },
    ]);
  });

  it('knows a dialog by what the driver saw, from the model’s word to the answer', () => {
    const timeline = [
      ...[request(1), tool(2, 'Bash', 'tool-run'), sent(2, false)],
      ...[screen(3, 'waiting-approval'), approve(4), key(4.1, '1'), request(5, 1)],
    ];
    const { asks } = truthOf(timeline, 9);
    expect(asks).toEqual([{ from: 2, to: 4.1, what: 'approval', knownAt: 4 }]);
  });

  it('takes no yes for a dialog where nothing was asked any more', () => {
    const timeline = [request(1), sent(2, false), request(3, 1), approve(4), key(4.1, '1')];
    expect(truthOf(timeline, 9).asks).toEqual([]);
  });

  it('knows a question by its tool', () => {
    const timeline = [request(1), tool(2, 'AskUserQuestion', 'tool-run'), sent(2, false)];
    expect(truthOf([...timeline, key(4, 'Enter'), type(5, 'x')], 9).asks).toEqual([
      { from: 2, to: 4, what: 'question', knownAt: 2 },
    ]);
  });

  it('counts the calls whose results went back to the model', () => {
    const timeline = [
      ...[request(1), tool(2, 'Read', 'tool-read'), tool(2, 'Edit', 'tool-write'), sent(2, false)],
      ...[request(3, 1), tool(4, 'Bash', 'tool-run', 1), sent(4, false, 1)],
      ...[request(5, 2), tool(6, 'Bash', 'tool-run', 2), sent(6, false, 2), key(7, 'Escape')],
      ...[request(8, 3), tool(8, 'Read', 'tool-read', 'a:0'), request(8.5, 4)],
    ];
    expect(truthOf(timeline, 9).calls).toEqual({ read: 1, write: 1, command: 1 });
  });
});

describe('the recorded runs', () => {
  const summed: { run: string; readCalls: number; writeCalls: number }[] = JSON.parse(
    readFileSync(new URL('../fixtures/casts/summary.json', import.meta.url), 'utf8'),
  );

  it.each(summed)(
    '$run: the calls are those that the model’s server summed up, but its subagents’',
    ({ run, readCalls, writeCalls }) => {
      const { chunks, timeline } = recordedRun(run);
      const { calls } = truthOf(timeline, chunks.at(-1)?.t ?? 0);
      const bySubagents = timeline.filter(
        ({ idx, tool }) => /^[a-z]+:/.test(`${idx}`) && tool === 'Read',
      );
      expect(calls).toMatchObject({ read: readCalls - bySubagents.length, write: writeCalls });
    },
  );

  it('are all there', () => {
    expect(runNames().filter((name) => !summed.some(({ run }) => run === name))).toEqual([]);
    expect(runNames().length).toBeGreaterThan(50);
  });
});
