import { describe, expect, it } from 'vitest';
import { hrefOf, parseRoute, queryOf, type Route, withQuery } from '../../dashboard/src/routes.ts';

describe('an address', () => {
  it.each<[string, Route]>([
    ['#/', { page: 'overview' }],
    ['#/health', { page: 'health' }],
    ['#/events', { page: 'events', session: null }],
    ['#/events/shop-api', { page: 'events', session: 'shop-api' }],
    ['#/chart', { page: 'chart', session: null }],
    ['#/chart/shop-api', { page: 'chart', session: 'shop-api' }],
    ['#/agents/shop-api', { page: 'agent', session: 'shop-api' }],
    ['#/agents/a%2Fb%3Fc%23%25%20%F0%9F%A6%86', { page: 'agent', session: 'a/b?c#% 🦆' }],
  ])('%s leads to a page, and the page to it', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
    expect(hrefOf(route)).toBe(hash);
  });

  it.each([
    ['', 'overview'],
    ['#', 'overview'],
    ['#/?state=stuck', 'overview'],
    ['#/agents/', 'overview'],
    ['#/agents/%E0%A4%A', 'nowhere'],
    ['#/agents/a/b', 'nowhere'],
    ['#/health/shop-api', 'nowhere'],
    ['#/__proto__', 'nowhere'],
  ])('%s, written by hand, leads to %s', (hash, page) => {
    expect(parseRoute(hash).page).toBe(page);
  });

  it('says behind a question mark what of the page is shown', () => {
    expect(queryOf('#/?state=stuck&find=a?b')).toBe('state=stuck&find=a?b');
    expect(queryOf('#/agents/a%3Fb')).toBe('');
    expect(withQuery('#/?state=stuck', 'find=a')).toBe('#/?find=a');
    expect(withQuery('#/events/a%3Fb', 'find=a')).toBe('#/events/a%3Fb?find=a');
    expect(withQuery('#/?state=stuck', '')).toBe('#/');
    expect(withQuery('', 'find=a')).toBe('#/?find=a');
  });
});
