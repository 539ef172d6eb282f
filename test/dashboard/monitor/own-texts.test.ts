import { describe, expect, it } from 'vitest';
import { createOwnTexts } from '../../../dashboard/src/monitor/own-texts.ts';

/** A tab's storage, which a reload leaves as it is. */
const createTab = () => {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    length: () => [...items.values()].join('').length,
  };
};

describe('the own texts of a tab', () => {
  it('are there again after a reload, each at its session', () => {
    const tab = createTab();
    const texts = createOwnTexts(tab, 'texts');
    texts.keep('shop-api', ['one', 'two']);
    texts.keep('web-shop', ['three']);
    texts.keep('shop-api', ['one', 'two', 'four']);
    const reloaded = createOwnTexts(tab, 'texts');
    expect(reloaded.of('shop-api')).toEqual(['one', 'two', 'four']);
    expect(reloaded.of('web-shop')).toEqual(['three']);
    expect(reloaded.of('billing')).toEqual([]);
  });

  it('leave nothing behind once they are sent', () => {
    const tab = createTab();
    const texts = createOwnTexts(tab, 'texts');
    texts.keep('shop-api', ['a secret']);
    texts.keep('shop-api', ['']);
    expect(tab.getItem('texts')).toBe('[]');
  });

  it('make room for new ones, those first that were kept longest ago', () => {
    const tab = createTab();
    const texts = createOwnTexts(tab, 'texts');
    for (const name of ['a', 'b', 'c']) texts.keep(name, ['x'.repeat(150_000)]);
    texts.keep('d', ['short']);
    expect(['a', 'b', 'c', 'd'].map((name) => texts.of(name).length)).toEqual([0, 1, 1, 1]);
    expect(tab.length()).toBeLessThan(400_000);
  });

  it('go along to a new name', () => {
    const texts = createOwnTexts(createTab(), 'texts');
    texts.keep('shop-api', ['one']);
    texts.rename('shop-api', 'shop');
    expect([texts.of('shop-api'), texts.of('shop')]).toEqual([[], ['one']]);
  });

  it('are kept until the page is left where the browser has no room', () => {
    const setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    const texts = createOwnTexts({ getItem: () => null, setItem }, 'texts');
    texts.keep('shop-api', ['one']);
    expect(texts.of('shop-api')).toEqual(['one']);
  });

  it.each([
    ['no JSON', '{'],
    ['no list', '{"shop-api":["one"]}'],
    ['other things', '[1,"shop-api",["shop-api"],["shop-api",[1]],[1,["one"]],null]'],
  ])('of %s are none', (_, stored) => {
    const texts = createOwnTexts({ getItem: () => stored, setItem: () => {} }, 'texts');
    expect(texts.of('shop-api')).toEqual([]);
  });
});
