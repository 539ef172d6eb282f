import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type SpecAgent, watchSpecs } from '../../../src/specs/spec-watch.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { until } from '../../support/until.ts';

const HALF = '- [x] one\n- [ ] two\n';

const stage = (files = ['TASKS.md', 'TODO.md']) => {
  const folder = mkdtempSync(join(tmpdir(), 'am-specs-'));
  const clock = createManualClock();
  const agents = new Map<string, SpecAgent>();
  const told: [string, number | null][] = [];
  const add = (key: string, more: Partial<SpecAgent['facts']> & { exited?: boolean } = {}) => {
    const { exited = false, ...facts } = more;
    agents.set(key, { facts: { cwd: folder, kind: 'claude-code', ...facts }, exited });
  };
  const begin = () => {
    const stop = watchSpecs({
      ...{ clock, files },
      log: createRecordedLog(),
      agents: () => agents,
      tell: (key, progress) => told.push([key, progress]),
    });
    onTestFinished(() => {
      stop();
      rmSync(folder, { recursive: true, force: true });
    });
    return stop;
  };
  /** Moves the time on, second by second, until so much has been told. */
  const toldOf = (count: number) =>
    until(`${count} were told`, () => {
      clock.advance(1_000);
      return told.length >= count ? told : null;
    });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  return { folder, clock, agents, told, add, begin, toldOf, write };
};

describe('watchSpecs', () => {
  it('tells each agent in the folder how far the first file with boxes is', async () => {
    const { add, begin, toldOf, write } = stage();
    write('TASKS.md', 'no boxes\n');
    write('TODO.md', HALF);
    add('a');
    add('b');
    begin();
    expect(await toldOf(2)).toEqual([
      ['a', 50],
      ['b', 50],
    ]);
  });

  it('tells what has changed, and that the file is gone', async () => {
    const { folder, add, begin, told, toldOf, write } = stage();
    write('TASKS.md', HALF);
    add('a');
    begin();
    await toldOf(1);
    write('TASKS.md', '- [x] one\n- [x] two\n- [x] three\n');
    await toldOf(2);
    rmSync(join(folder, 'TASKS.md'));
    await toldOf(3);
    expect(told).toEqual([
      ['a', 50],
      ['a', 100],
      ['a', null],
    ]);
  });

  it('tells the same again only after a minute', async () => {
    const { add, begin, clock, toldOf, write } = stage();
    write('TASKS.md', HALF);
    add('a');
    begin();
    await toldOf(1);
    const first = clock.monotonic();
    await toldOf(2);
    expect(clock.monotonic() - first).toBeGreaterThanOrEqual(60_000);
  });

  it('tells that there is none: the one that was told before a restart may be gone', async () => {
    const { add, begin, clock, told, toldOf } = stage();
    add('a');
    begin();
    await toldOf(1);
    expect(told).toEqual([['a', null]]);
    clock.advance(30_000);
    add('b');
    expect(await toldOf(2)).toEqual([
      ['a', null],
      ['b', null],
    ]);
  });

  it('does not look where no agent lives, for a plain shell, or without an absolute folder', async () => {
    const { add, begin, told, toldOf, write } = stage();
    write('TASKS.md', HALF);
    add('gone', { exited: true });
    add('shell', { kind: 'generic' });
    add('nowhere', { cwd: '' });
    add('living');
    begin();
    await toldOf(2);
    expect(new Set(told.map(([key]) => key))).toEqual(new Set(['living']));
  });

  it('reads nothing where no files are named, and takes back what was told when some were', async () => {
    const { add, begin, toldOf, write } = stage([]);
    write('TASKS.md', HALF);
    add('a');
    begin();
    expect(await toldOf(1)).toEqual([['a', null]]);
  });

  it('reads nothing more once it is ended', async () => {
    const { add, begin, clock, told, toldOf, write } = stage();
    write('TASKS.md', HALF);
    add('a');
    const stop = begin();
    await toldOf(1);
    stop();
    expect(clock.pending()).toBe(0);
    expect(told).toHaveLength(1);
  });
});
