import { describe, expect, it } from 'vitest';
import { beginTold, hookTold, indicatorsOf, transcriptTold } from '../../machines/told.ts';
import { type HookReport, NO_INDICATORS } from '../../machines/vocabulary.ts';

const SHOWN = { ...NO_INDICATORS, filesRead: 2, toolCalls: 3, contemplationTime: 9, errors: 1 };

const ended = (id: string | null, more: object = {}): HookReport => ({
  tells: 'tool-ended',
  evidence: 'PostToolUse Read',
  ...{ inside: false, id, tool: 'read', changes: false },
  ...more,
});

describe('what is counted from hooks', () => {
  it('is added to what the screen had shown before, whatever it shows afterwards', () => {
    const told = hookTold(beginTold(SHOWN), ended('1'));
    const later = { ...SHOWN, filesRead: 7, toolCalls: 9, contemplationTime: 12 };
    expect(indicatorsOf(later, told)).toEqual({
      ...SHOWN,
      filesRead: 3,
      toolCalls: 4,
      contemplationTime: 12,
    });
  });

  it('is each call once, though two hooks tell of it', () => {
    const told = [ended('1'), ended('2'), ended('1')].reduce(hookTold, beginTold(NO_INDICATORS));
    expect(indicatorsOf(NO_INDICATORS, told)).toMatchObject({ filesRead: 2, toolCalls: 2 });
  });

  it('is every call of an agent that gives no ids', () => {
    const told = [ended(null), ended(null)].reduce(hookTold, beginTold(NO_INDICATORS));
    expect(indicatorsOf(NO_INDICATORS, told).toolCalls).toBe(2);
  });

  it.each([
    ['write', 'filesWritten'],
    ['edit', 'filesEdited'],
    ['bash', 'bashCommands'],
    ['search', 'toolCalls'],
    ['other', 'toolCalls'],
  ] as const)('takes %s into %s', (tool, indicator) => {
    const told = hookTold(beginTold(NO_INDICATORS), ended('1', { tool }));
    const expected = { ...NO_INDICATORS, toolCalls: 1, [indicator]: 1 };
    expect(indicatorsOf(NO_INDICATORS, told)).toEqual(expected);
  });

  it('remembers only the latest ids', () => {
    const ids = Array.from({ length: 500 }, (_, index) => ended(String(index)));
    expect(ids.reduce(hookTold, beginTold(NO_INDICATORS)).recent).toHaveLength(64);
  });
});

describe('what is counted from a transcript', () => {
  it('takes the place of what screen and hooks told, but for what subagents did', () => {
    const heard = [ended('1'), ended('2', { inside: true })].reduce(hookTold, beginTold(SHOWN));
    const told = transcriptTold(heard, '/t/1.jsonl', { read: 5, bash: 2 });
    expect(indicatorsOf(SHOWN, told)).toEqual({
      ...SHOWN,
      filesRead: 6,
      bashCommands: 2,
      toolCalls: 8,
    });
  });

  it('is summed over the conversations of one agent', () => {
    const first = transcriptTold(beginTold(SHOWN), '/t/1.jsonl', { read: 5 });
    const second = transcriptTold(first, '/t/2.jsonl', { read: 1 });
    const grown = transcriptTold(second, '/t/1.jsonl', { read: 6 });
    expect(indicatorsOf(SHOWN, grown)).toMatchObject({ filesRead: 7, toolCalls: 7 });
  });

  it('takes nothing back when the file was cut', () => {
    const told = transcriptTold(beginTold(SHOWN), '/t/1.jsonl', { read: 5, edit: 1 });
    const cut = transcriptTold(told, '/t/1.jsonl', { read: 1, edit: 2 });
    expect(indicatorsOf(SHOWN, cut)).toMatchObject({ filesRead: 5, filesEdited: 2 });
  });
});

it('is what the screen shows where nothing was told', () => {
  expect(indicatorsOf(SHOWN, null)).toBe(SHOWN);
});
