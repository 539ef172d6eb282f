import { describe, expect, it } from 'vitest';
import {
  createOwnAnswers,
  isTicked,
  NO_ANSWER,
  withTick,
} from '../../../dashboard/src/monitor/own-answers.ts';
import { createOwnTexts } from '../../../dashboard/src/monitor/own-texts.ts';
import type { DialogOption } from '../../../machines/vocabulary.ts';
import { DIALOG } from '../agents.ts';

const BEGUN = { text: 'a changelog', ticks: { '1': true, '2': false } };

const createTab = (stored: string | null = null) => {
  let kept = stored;
  return {
    getItem: () => kept,
    setItem: (_: string, value: string) => {
      kept = value;
    },
  };
};

const answersOf = (tab: ReturnType<typeof createTab>) =>
  createOwnAnswers(createOwnTexts(tab, 'answers'));

describe('an answer that was begun', () => {
  it('is there again after a reload, for that very question', () => {
    const tab = createTab();
    answersOf(tab).keep('shop-api', DIALOG, BEGUN);
    const reloaded = answersOf(tab);
    expect(reloaded.of('shop-api', DIALOG)).toEqual(BEGUN);
    expect(reloaded.of('web-shop', DIALOG)).toEqual(NO_ANSWER);
    expect(reloaded.of('shop-api', { ...DIALOG, id: 'd2' })).toEqual(NO_ANSWER);
    expect(reloaded.of('shop-api', { ...DIALOG, since: 3_000 })).toEqual(NO_ANSWER);
  });

  it('goes along to a new name, and leaves nothing behind once it is given', () => {
    const tab = createTab();
    const answers = answersOf(tab);
    answers.keep('shop-api', DIALOG, { text: '', ticks: { '1': true } });
    answers.rename('shop-api', 'shop');
    expect(answers.of('shop', DIALOG)).toEqual({ text: '', ticks: { '1': true } });
    answers.forget('shop');
    expect(tab.getItem()).toBe('[]');
  });

  it.each(['{', '[1]', '{"1":"yes"}', 'null'])('has no ticks where %s is stored', (ticks) => {
    const stored = JSON.stringify([['shop-api', ['d1 2000', 'a text', ticks]]]);
    expect(answersOf(createTab(stored)).of('shop-api', DIALOG)).toEqual({
      ...{ text: 'a text', ticks: {} },
    });
  });
});

describe('a box', () => {
  const box = (ticked: boolean): DialogOption => ({
    ...{ id: '1', label: 'Logs', key: '1', preselected: false, ticked },
  });

  it('stands as in the terminal until it is touched, and then as it was left', () => {
    expect([true, false].map((ticked) => isTicked(NO_ANSWER, box(ticked)))).toEqual([true, false]);
    const touched = withTick(NO_ANSWER, box(false), true);
    expect([true, false].map((ticked) => isTicked(touched, box(ticked)))).toEqual([true, true]);
  });

  it('is left to the terminal again once it stands as it does there', () => {
    const back = withTick(withTick(NO_ANSWER, box(false), true), box(false), false);
    expect(back).toEqual(NO_ANSWER);
    expect(isTicked(back, box(true))).toBe(true);
  });
});
