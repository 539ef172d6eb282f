import { describe, expect, it } from 'vitest';
import { filterQuery, isFound, parseFilter } from '../../../dashboard/src/monitor/agent-filter.ts';
import { AGENT } from '../agents.ts';

const SHOWN = { ...AGENT, dialog: null };

describe('the filter of the agents', () => {
  it.each([
    ['', '', []],
    ['state=waiting,stuck', '', ['waiting', 'stuck']],
    ['state=stuck&find=web+shop+%26+%23', 'web shop & #', ['stuck']],
  ])('stands in the address as %j', (query, text, looks) => {
    const filter = parseFilter(query);
    expect([filter.text, [...filter.looks]]).toEqual([text, looks]);
    expect(filterQuery(filter)).toBe(query);
  });

  it('leaves out what a hand has written wrong', () => {
    expect([...parseFilter('state=waiting,__proto__,&find').looks]).toEqual(['waiting']);
    expect(parseFilter('%%%=').text).toBe('');
  });

  it.each([
    ['', true],
    ['find=SHOP', true],
    ['find=shop+npm', true],
    ['find=+shop+', true],
    ['find=shop+nothing', false],
    ['state=working', true],
    ['state=waiting', false],
    ['state=waiting,working&find=shop', true],
  ])('%j finds an agent at work: %s', (query, expected) => {
    expect(isFound(parseFilter(query), SHOWN)).toBe(expected);
  });
});
