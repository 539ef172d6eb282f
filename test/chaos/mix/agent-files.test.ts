import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ENDED, GIVEN, JOURNAL, PAUSES, readKept } from '../../../chaos/mix/agent-files.ts';

const lines = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');

it('reads what an agent has kept, also where pastes came in pieces', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'am-kept-'));
  const given = Buffer.from('a\x1b[200~do #1 “ü”\x1b[201~\r\x1b[200~do #2\x1b[201~').toString(
    'latin1',
  );
  writeFileSync(join(folder.path, GIVEN), lines([...given]));
  writeFileSync(
    join(folder.path, JOURNAL),
    lines([
      { event: 'prompt', text: 'do #1' },
      { event: 'think' },
      { event: 'queued', text: 'do #2' },
      { event: 'queued', text: 'do #2' },
      { event: 'prompt', text: 'do #2' },
      { event: 'prompt', text: 'do #3' },
    ]),
  );
  writeFileSync(join(folder.path, PAUSES), `${lines([{ from: 1, to: 2 }])}{"from":3`);
  writeFileSync(join(folder.path, ENDED), '129\n');
  expect(readKept(folder.path)).toEqual({
    pasted: ['do #1 “ü”', 'do #2'],
    submitted: ['do #1', 'do #2', 'do #2', 'do #3'],
    pauses: [{ from: 1, to: 2 }],
    status: 129,
  });
});

it('reads nothing where nothing was kept', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'am-kept-'));
  expect(readKept(folder.path)).toEqual({ pasted: [], submitted: [], pauses: [], status: null });
});
