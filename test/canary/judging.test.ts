import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { judge, verdictFaults, WANTS } from '../../canary/judging.ts';

const SCREENS = resolve(import.meta.dirname, '../fixtures/screens/claude-code/2.1.330');

const captureOf = async (file: string) => {
  const text = await readFile(join(SCREENS, `${file}.txt`), 'utf8');
  const title = '✳ Claude Code';
  return { text, ansi: text, title, command: 'claude', width: 120, height: 40, dead: false };
};

test('finds no fault with a screen that is judged as what it is', async () => {
  const capture = await captureOf('47-permission-write');
  expect(judge('claude-code', 'approval-write', WANTS.approval, capture).faults).toEqual([]);
});

test('says what else a screen was taken for', async () => {
  const capture = await captureOf('57-complete');
  const { faults } = judge('claude-code', 'approval-write', WANTS.approval, capture);
  expect(faults).toEqual(['complete, not reading|working', 'attention none, not approval']);
});

test('wants an approval to have options', async () => {
  const capture = await captureOf('47-permission-write');
  const { verdict } = judge('claude-code', 'approval-write', WANTS.approval, capture);
  const { dialog } = verdict;
  if (dialog === null) throw new Error('no dialog is seen');
  const withoutOptions = { ...verdict, dialog: { ...dialog, options: [] } };
  expect(verdictFaults(WANTS.approval, withoutOptions)).toEqual([
    'the dialog has no options to choose from',
  ]);
});
