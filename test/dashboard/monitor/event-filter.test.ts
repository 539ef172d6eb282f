import { describe, expect, it } from 'vitest';
import {
  eventQuery,
  kindsOf,
  parseEventFilter,
} from '../../../dashboard/src/monitor/event-filter.ts';
import { EVENT_GROUPS } from '../../../dashboard/src/monitor/event-words.ts';

const [group = ''] = Object.keys(EVENT_GROUPS);

describe('which events are shown', () => {
  it.each([
    { kind: '', text: '' },
    { kind: 'state_change', text: '' },
    { kind: group, text: 'shop api & “more” #?' },
  ])('stands in the address: %o', (filter) => {
    expect(parseEventFilter(eventQuery(filter))).toEqual(filter);
  });

  it('is all where the address names a kind that there is not', () => {
    for (const kind of ['nothing', 'constructor', '__proto__'])
      expect(parseEventFilter(`kind=${kind}&find=x`)).toEqual({ kind: '', text: 'x' });
  });

  it('is all kinds of a group, or the one', () => {
    expect(kindsOf(group)).toBe(EVENT_GROUPS[group]);
    expect(kindsOf('state_change')).toEqual(['state_change']);
    expect(kindsOf('')).toEqual([]);
  });
});
