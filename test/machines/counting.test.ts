import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Counted, count, NOTHING_COUNTED } from '../../machines/counting.ts';
import { type Indicators, NO_INDICATORS, type ToolSighting } from '../../machines/vocabulary.ts';

/** One drawn line of a transcript: a call, or a group as it is when it is closed. */
type Line =
  | { tool: ToolSighting['tool']; target: string }
  | { group: Partial<Record<ToolSighting['tool'], number>> };

const sightingsOf = (lines: readonly Line[]): ToolSighting[] =>
  lines.flatMap((each, line): ToolSighting[] =>
    'group' in each
      ? Object.entries(each.group).map(([tool, calls]) => ({
          tool: tool as ToolSighting['tool'],
          line,
          target: '',
          count: calls,
          collapsed: true,
          failed: false,
        }))
      : [{ ...each, line, count: 1, collapsed: false, failed: false }],
  );

const growing = (target: string, tool: ToolSighting['tool'], calls = 1): ToolSighting => ({
  tool,
  line: 50,
  target,
  count: calls,
  collapsed: true,
  failed: false,
});

const countAll = (looks: readonly ToolSighting[][], from: Counted = NOTHING_COUNTED): Indicators =>
  looks.reduce(count, from).indicators;

const call = (tool: ToolSighting['tool'], target: string): Line => ({ tool, target });

describe('count', () => {
  it('counts each tool by its kind', () => {
    const lines = [
      call('read', 'a'),
      call('write', 'b'),
      call('edit', 'c'),
      call('bash', 'npm test'),
      call('search', 'd'),
      call('other', 'e'),
      { group: { think: 65, read: 4, bash: 1 } },
    ];
    expect(countAll([sightingsOf(lines)])).toEqual({
      ...NO_INDICATORS,
      filesRead: 5,
      filesWritten: 1,
      filesEdited: 1,
      bashCommands: 2,
      toolCalls: 11,
      contemplationTime: 65,
    });
  });

  it('leaves what was counted alone while nothing is to be seen', () => {
    const look = sightingsOf([call('read', 'a')]);
    expect(countAll([look, [], look]).filesRead).toBe(1);
  });

  it('counts a repeated call again when it appears below the first', () => {
    const once = sightingsOf([call('bash', 'npm test')]);
    const twice = sightingsOf([call('bash', 'npm test'), call('bash', 'npm test')]);
    expect(countAll([once, twice, twice]).bashCommands).toBe(2);
  });

  it('takes a growing group for one, whatever it is at', () => {
    const closed = sightingsOf([{ group: { think: 3, read: 4, bash: 1 } }]);
    const looks = [
      [growing('src/a.ts', 'read')],
      [growing('src/b.ts', 'read')],
      [growing('src/b.ts', 'read', 2)],
      [growing('sleep 3; npm test', 'bash')],
      [growing('', 'think', 3), growing('', 'read', 4), growing('sleep 3; npm test', 'bash')],
      closed,
      closed,
    ];
    expect(countAll(looks)).toMatchObject({
      filesRead: 4,
      bashCommands: 1,
      toolCalls: 5,
      contemplationTime: 3,
    });
  });

  it('takes a group that begins below a closed one for another', () => {
    const first: Line = { group: { think: 3, read: 4 } };
    const looks = [
      sightingsOf([first]),
      [...sightingsOf([first]), growing('src/c.ts', 'read')],
      sightingsOf([first, { group: { read: 2 } }]),
    ];
    expect(countAll(looks).filesRead).toBe(6);
  });

  it('counts nothing twice when older lines come back into sight', () => {
    const lines = [call('read', 'a'), call('edit', 'b'), call('bash', 'c'), call('read', 'd')];
    const looks = [lines.slice(0, 2), lines.slice(2), lines, lines.slice(0, 3), lines.slice(1)];
    expect(countAll(looks.map(sightingsOf)).toolCalls).toBe(4);
  });

  it('takes a look that fits in two places for one that has moved on', () => {
    const lines = ['a', 'y', 'a', 'z', 'a', 'y', 'a'].map((target) => call('bash', target));
    const looks = [lines.slice(0, 3), lines.slice(1, 4), lines.slice(3, 6), lines.slice(4, 7)];
    expect(countAll(looks.map(sightingsOf)).bashCommands).toBe(7);
  });

  it('counts nothing twice when older lines come back while a group grows', () => {
    const test = call('bash', 'npm test');
    const looks = [
      sightingsOf([test, test]),
      [...sightingsOf([test]), growing('src/a.ts', 'read')],
      sightingsOf([test, test, { group: { read: 3 } }]),
    ];
    expect(countAll(looks)).toMatchObject({ bashCommands: 2, filesRead: 3 });
  });

  it('counts nothing twice when a dialog that hid all but the last calls closes', () => {
    const turn = (file: string): Line[] => [
      { group: { read: 2, bash: 1 } },
      call('edit', file),
      { group: { bash: 1 } },
    ];
    const lines = [...turn('a'), ...turn('b'), ...turn('c')];
    for (const hidden of [5, 6, 7, 8]) {
      const looks = [lines.slice(0, 6), lines.slice(2, 8), lines.slice(hidden), lines.slice(2)];
      const counted = countAll(looks.map(sightingsOf));
      expect(counted).toMatchObject({ filesRead: 6, filesEdited: 3, bashCommands: 6 });
    }
  });

  it('takes a closed group for a growing one only where that may have become it', () => {
    const before: Line[] = [
      { group: { think: 4, read: 3 } },
      call('write', 'a'),
      call('edit', 'b'),
    ];
    const looks = [
      sightingsOf(before),
      [...sightingsOf(before.slice(2)), growing('npm test', 'bash')],
      sightingsOf([...before, { group: { bash: 1 } }]),
    ];
    expect(countAll(looks)).toMatchObject({ filesRead: 3, filesWritten: 1, bashCommands: 1 });
  });

  it('counts what stood above the first look once it comes into sight', () => {
    const lines = [call('read', 'a'), call('edit', 'b'), call('bash', 'c')];
    expect(countAll([sightingsOf(lines.slice(2)), sightingsOf(lines)]).toolCalls).toBe(3);
  });

  it('knows a call by its result when the rest has scrolled away', () => {
    const looks = [
      sightingsOf([call('read', 'a'), call('write', 'src/long-name.ts')]),
      sightingsOf([call('write', ''), call('bash', 'npm test')]),
    ];
    expect(countAll(looks)).toMatchObject({ filesWritten: 1, toolCalls: 3 });
  });

  it('knows a long command that another width cuts elsewhere', () => {
    const command = 'grep -rn "a very long pattern" src test docs | head -20';
    const looks = [
      sightingsOf([call('bash', `${command.slice(0, 40)}…`)]),
      sightingsOf([call('bash', command)]),
      sightingsOf([call('bash', command.replace(' src', '   src'))]),
    ];
    expect(countAll(looks).bashCommands).toBe(1);
  });

  it('counts only the new line of a screen from which one is missing', () => {
    const lines = [call('read', 'a'), call('edit', 'b'), call('bash', 'c'), call('read', 'd')];
    const torn = lines.toSpliced(1, 1);
    const looks = [lines, torn, [...torn, call('write', 'e')], [...lines, call('write', 'e')]];
    expect(countAll(looks.map(sightingsOf)).toolCalls).toBe(5);
  });

  it('starts afresh on a screen that has nothing of the last one', () => {
    const looks = [[call('read', 'a')], [call('read', 'b'), call('edit', 'c')]];
    expect(countAll(looks.map(sightingsOf)).toolCalls).toBe(3);
  });

  it('remembers no more than a few screens', () => {
    const looks = Array.from({ length: 1000 }, (_, n) => sightingsOf([call('read', `file-${n}`)]));
    const counted = looks.reduce(count, NOTHING_COUNTED);
    expect(counted.visible.length).toBeLessThanOrEqual(200);
    expect(counted.indicators.filesRead).toBe(1000);
  });
});

describe('looks at a growing list of calls', () => {
  const tool = fc.constantFrom('read', 'write', 'edit', 'bash', 'search', 'other');
  const group = fc.record(
    { think: fc.integer({ min: 1, max: 90 }), read: fc.integer({ min: 1, max: 9 }) },
    { requiredKeys: ['think'] },
  );
  /** Neighbours differ, as no one could otherwise tell scrolling from a repetition. */
  const list = fc
    .array(fc.oneof(fc.record({ tool }), fc.record({ group })), { minLength: 1, maxLength: 40 })
    .map((lines) =>
      lines.map(
        (line, n): Line =>
          'group' in line
            ? { group: { ...line.group, other: n + 1 } }
            : { ...line, target: `t${n}` },
      ),
    );
  const steps = fc.array(
    fc.record({ grow: fc.nat(4), height: fc.integer({ min: 5, max: 12 }), again: fc.boolean() }),
    { minLength: 1, maxLength: 30 },
  );

  it('give the true counts while they overlap, however the screen is redrawn or resized', () => {
    fc.assert(
      fc.property(list, steps, (lines, plan) => {
        let end = 1;
        const looks = plan.flatMap(({ grow, height, again }) => {
          end = Math.min(lines.length, end + grow);
          const look = sightingsOf(lines.slice(Math.max(0, end - height), end));
          return again ? [look, look] : [look];
        });
        const shown = lines.slice(0, end);
        expect(countAll(looks)).toEqual(countAll([sightingsOf(shown)]));
      }),
    );
  });

  it('give the true counts while the view moves up and down, and calls repeat', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const calls = fc.array(name, { minLength: 12, maxLength: 60 }).map(withoutRepeatedRuns);
    const view = fc.record({ start: fc.nat(), height: fc.nat() });
    fc.assert(
      fc.property(calls, fc.array(view, { minLength: 1, maxLength: 30 }), (targets, plan) => {
        fc.pre(targets.length >= RUN);
        const lines = targets.map((target) => call('bash', target));
        let [from, to] = [0, Math.min(lines.length, 6)];
        let shown = to;
        const looks = [sightingsOf(lines.slice(from, to))];
        for (const { start, height } of plan) {
          const lowest = Math.max(0, from - 8);
          const next = lowest + (start % (to - RUN - lowest + 1));
          const least = Math.max(from, next) + RUN;
          to = Math.min(lines.length, least + (height % 8));
          from = next;
          shown = Math.max(shown, to);
          looks.push(sightingsOf(lines.slice(from, to)));
        }
        expect(countAll(looks).bashCommands).toBe(shown);
      }),
    );
  });

  it('are the same after a snapshot', () => {
    fc.assert(
      fc.property(list, (lines) => {
        const half = Math.ceil(lines.length / 2);
        const before = count(NOTHING_COUNTED, sightingsOf(lines.slice(0, half)));
        const restored: Counted = JSON.parse(JSON.stringify(before));
        const look = sightingsOf(lines.slice(Math.max(0, half - 1)));
        expect(count(restored, look)).toEqual(count(before, look));
      }),
    );
  });
});

/** As many calls in a row tell where in the list they stand; each by itself may occur often. */
const RUN = 3;

const withoutRepeatedRuns = (targets: readonly string[]): string[] => {
  const runs = new Set<string>();
  const kept: string[] = [];
  for (const target of targets) {
    const run = [...kept.slice(1 - RUN), target].join();
    if (kept.length >= RUN - 1 && runs.has(run)) continue;
    runs.add(run);
    kept.push(target);
  }
  return kept;
};
