import { describe, expect, it } from 'vitest';
import type { Order, Reading } from '../../machines/command-context.ts';
import { holdsOf, nextToServe, type ServedAgent } from '../../machines/serving.ts';
import type { State, When } from '../../machines/vocabulary.ts';
import { asking, atPrompt, shell, unreadable, working } from '../support/sights.ts';

interface Named extends Order {
  name: string;
  key: string;
}

const WATCHED = '10.1000.$1';

const text = (when: When, name: string = when): Named => ({
  name,
  key: WATCHED,
  command: 'x',
  when,
  act: { action: 'text', submit: true, raw: false },
});
const INTERRUPT: Named = {
  name: 'interrupt',
  key: WATCHED,
  command: '',
  when: 'now',
  act: { action: 'interrupt' },
};

const next = (
  waiting: Named[],
  sight: Reading,
  { kind = 'claude-code', state = 'complete', settled = true }: Partial<ServedAgent> = {},
) => {
  const agentOf = (key: string) => (key === WATCHED ? { kind, state, settled } : null);
  return nextToServe(waiting, agentOf, sight)?.name ?? null;
};

describe('what may be typed now', () => {
  it.each<{ sight: string; look: Reading; state?: State | null; allowed: When[] }>([
    { sight: 'an empty prompt', look: atPrompt(), allowed: ['safe', 'idle', 'now', 'force'] },
    {
      sight: 'a running turn',
      look: working(),
      state: 'working',
      allowed: ['safe', 'now', 'force'],
    },
    { sight: 'a draft', look: atPrompt('half a'), allowed: ['now', 'force'] },
    { sight: 'a dialog', look: asking(), state: 'working', allowed: ['force'] },
    { sight: 'nothing readable', look: unreadable(), allowed: ['force'] },
    { sight: 'a first look', look: atPrompt(), state: null, allowed: ['force'] },
    {
      sight: 'a prompt not yet believed to be the end',
      look: atPrompt(),
      state: 'working',
      allowed: ['safe', 'now', 'force'],
    },
    {
      sight: 'a turn not yet believed to have begun',
      look: working(),
      state: 'complete',
      allowed: ['safe', 'now', 'force'],
    },
  ])('at $sight: $allowed', ({ look, state = 'complete', allowed }) => {
    const found = (['safe', 'idle', 'now', 'force'] as const).filter(
      (when) => next([text(when)], look, { state }) !== null,
    );
    expect(found).toEqual(allowed);
  });

  it('is anything in a shell, but an idle command only at its prompt', () => {
    const busy = shell('$ npm test', { activity: 'working' });
    expect(next([text('safe')], busy, { kind: 'generic', state: 'working' })).toBe('safe');
    expect(next([text('idle')], busy, { kind: 'generic', state: 'working' })).toBeNull();
    expect(next([text('idle')], shell(), { kind: 'generic' })).toBe('idle');
  });
});

describe('at the prompt of a shell', () => {
  const generic = { kind: 'generic', state: 'complete' } as const;
  const draft = shell('$ rm -r', {
    activity: 'complete',
    composer: { content: 'draft', text: 'rm -r' },
  });

  it('a draft holds back what is not to be added to it', () => {
    expect(next([text('safe')], draft, generic)).toBeNull();
    expect(next([text('now')], draft, generic)).toBe('now');
  });

  it('what a running program shows is no draft', () => {
    const running = { ...draft, verdict: { ...draft.verdict, activity: 'working' as const } };
    expect(next([text('safe')], running, { ...generic, state: 'working' })).toBe('safe');
  });
});

describe('an idle command', () => {
  it('waits where the agent was just given a text and has not shown what it does with it', () => {
    expect(next([text('idle')], atPrompt(), { settled: false })).toBeNull();
    expect(next([text('safe')], atPrompt(), { settled: false })).toBe('safe');
  });
});

const DRAFT_IN_SHELL = shell('$ half a', { composer: { content: 'draft', text: 'half a' } });

describe('why it is held', () => {
  const held = (
    waiting: Named[],
    sight: Reading,
    { kind = 'claude-code', state = 'complete', settled = true }: Partial<ServedAgent> = {},
  ) => {
    const agentOf = (key: string) => (key === WATCHED ? { kind, state, settled } : null);
    const holds = holdsOf(
      waiting.map((order) => ({ ...order, id: order.name })),
      agentOf,
      sight,
    );
    return Object.fromEntries(holds);
  };

  it.each<[string, Reading, Partial<ServedAgent>, string]>([
    ['a draft', atPrompt('half a'), {}, 'draft-in-composer'],
    ['a dialog', asking(), { state: 'working' }, 'dialog-open'],
    ['nothing readable', unreadable(), {}, 'composer-not-seen'],
    ['a first look', atPrompt(), { state: null }, 'not-judged'],
    ['a draft in a shell', DRAFT_IN_SHELL, { kind: 'generic' }, 'draft-in-composer'],
  ])('%s', (_name, sight, agent, expected) => {
    expect(held([text('safe')], sight, agent)).toEqual({ safe: expected });
  });

  it('says what waits for the end of a turn, and what waits behind another', () => {
    const foreign = { ...text('safe', 'foreign'), key: 'another' };
    const waiting = [foreign, text('idle'), text('safe'), text('now')];
    expect(held(waiting, working(), { state: 'working' })).toEqual({
      foreign: 'not-watched',
      idle: 'busy',
      safe: 'another-first',
      now: 'another-first',
    });
    expect(held([text('safe'), text('now')], asking())).toEqual({
      safe: 'dialog-open',
      now: 'dialog-open',
    });
  });
});

describe('the order', () => {
  it('passes over what is meant for a session that nobody watches', () => {
    const unwatched = { ...text('safe', 'unwatched'), key: 'other' };
    expect(next([unwatched, text('safe')], atPrompt())).toBe('safe');
    expect(next([unwatched, { ...INTERRUPT, key: 'other' }], atPrompt())).toBeNull();
  });

  it('is kept: what waits holds back what came after it', () => {
    const waiting = [text('idle'), text('safe')];
    expect(next(waiting, working(), { state: 'working' })).toBeNull();
    expect(next([text('safe', 'first'), text('safe', 'second')], atPrompt())).toBe('first');
  });

  it('lets `now` and `force` past what waits, and answers and interrupts past everything', () => {
    expect(next([text('safe'), text('now')], atPrompt('a draft'))).toBe('now');
    expect(next([text('safe'), text('now'), text('force')], asking())).toBe('force');
    expect(next([INTERRUPT, text('safe')], atPrompt())).toBe('interrupt');
    expect(next([text('safe'), text('now')], atPrompt())).toBe('safe');
  });
});
