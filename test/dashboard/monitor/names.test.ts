import { describe, expect, it } from 'vitest';
import { namesOf } from '../../../dashboard/src/monitor/names.ts';
import { eventOf } from '../agents.ts';

const renamed = (seq: number, previousSession: string, session: string) =>
  eventOf({ event: 'session_renamed', seq, session, previousSession });

describe('the names of a session', () => {
  it('are its own only, where it was never renamed', () => {
    expect(namesOf('shop', [renamed(3, 'a', 'b'), eventOf({ seq: 4, session: 'shop' })])).toEqual([
      { name: 'shop', after: 0, before: Infinity },
    ]);
  });

  it('go back over every change, whatever the order they are told in', () => {
    const events = [renamed(9, 'b', 'shop'), renamed(3, 'a', 'b')];
    expect(namesOf('shop', events)).toEqual([
      { name: 'shop', after: 9, before: Infinity },
      { name: 'b', after: 3, before: 9 },
      { name: 'a', after: 0, before: 3 },
    ]);
  });

  it('end where another session gave the name up', () => {
    expect(namesOf('shop', [renamed(5, 'shop', 'old-shop')])).toEqual([
      { name: 'shop', after: 5, before: Infinity },
    ]);
    expect(namesOf('shop', [renamed(5, 'api', 'old-api'), renamed(8, 'api', 'shop')])).toEqual([
      { name: 'shop', after: 8, before: Infinity },
      { name: 'api', after: 5, before: 8 },
    ]);
  });
});
