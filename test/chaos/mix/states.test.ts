import { describe, expect, it } from 'vitest';
import { type Compared, misjudged } from '../../../chaos/mix/states.ts';

type Said = NonNullable<Compared['said']>;
type Truth = NonNullable<Compared['own']>['truth'];

const said: Said = { state: 'complete', attention: 'none', connection: 'attached', pane: '%1' };
const truth: Truth = { activity: 'complete', attention: 'none' };

const compared = (is: Partial<Said> | null, own: Partial<Truth> | null): Compared => ({
  name: 'agent-1',
  pane: '%1',
  said: is === null ? null : { ...said, ...is },
  own: own === null ? null : { truth: { ...truth, ...own } },
});

describe('misjudged', () => {
  it.each<[Partial<Said>, Partial<Truth>]>([
    [{}, {}],
    [{ connection: 'shared' }, {}],
    [{ state: 'error' }, { activity: 'error' }],
    [
      { state: 'reading', attention: 'approval' },
      { activity: 'reading', attention: 'approval' },
    ],
    [
      { state: 'reading', attention: 'question' },
      { activity: 'working', attention: 'question' },
    ],
    [{ state: 'working' }, { activity: 'idle' }],
  ])('is content with %o of %o', (is, own) => {
    expect(misjudged([compared(is, own)])).toEqual([]);
  });

  it.each<[Partial<Said> | null, Partial<Truth> | null, string]>([
    [{}, { activity: 'error' }, 'agent-1 is error with none, the daemon says complete'],
    [{ state: 'stuck' }, {}, 'agent-1 is complete with none, the daemon says stuck'],
    [
      { state: 'stuck' },
      { activity: 'working' },
      'agent-1 is working with none, the daemon says stuck',
    ],
    [{ state: 'error' }, { activity: 'idle' }, 'agent-1 is idle with none, the daemon says error'],
    [{}, { attention: 'approval' }, 'agent-1 is complete with approval, the daemon says none'],
    [{ attention: 'approval' }, {}, 'agent-1 is complete with none, the daemon says approval'],
    [{ connection: 'gone' }, {}, 'agent-1 is gone'],
    [{ pane: '%2' }, {}, 'agent-1 is in %1, the daemon watches %2'],
    [null, {}, 'agent-1 is not listed'],
    [{}, null, 'agent-1 does not answer'],
  ])('finds fault with %o of %o', (is, own, says) => {
    expect(misjudged([compared(is, own)])).toContain(says);
  });
});
