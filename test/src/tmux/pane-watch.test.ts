import { describe, expect, test, vi } from 'vitest';
import type { Look } from '../../../actors/ports.ts';
import { createPaneWatch } from '../../../src/tmux/pane-watch.ts';
import { recordWatch } from '../../support/watch-recorder.ts';

const LOOK: Look = {
  ...{ text: 'ready', title: 'shop-api', width: 80, height: 24, command: 'cat' },
  ...{ panePid: 100, dead: false, deadStatus: null, at: 1 },
};

const start = () => {
  const target = {
    server: { pid: 1, startTime: 1 },
    sessionId: '$0',
    paneId: '%0',
    fragile: false,
  };
  const listener = recordWatch();
  const owed = vi.fn();
  return { listener, owed, watch: createPaneWatch(target, listener, owed) };
};

describe('looks', () => {
  test('are told only when they differ in more than their time', () => {
    const { watch, listener } = start();
    expect(watch.saw(LOOK, watch.begin())).toBe(true);
    expect(watch.saw({ ...LOOK, at: 2 }, watch.begin())).toBe(false);
    expect(listener.looks).toEqual([LOOK]);
  });

  test.each([
    ...[{ text: 'x' }, { title: 'x' }, { command: 'sh' }, { panePid: 2 }],
    ...[{ dead: true }, { deadStatus: 1 }, { width: 81 }, { height: 25 }],
  ])('that differ in %o are told', (difference) => {
    const { watch, listener } = start();
    watch.saw(LOOK, watch.begin());
    watch.saw({ ...LOOK, ...difference }, watch.begin());
    expect(listener.looks).toHaveLength(2);
  });

  test('that were asked for are told once, changed or not', () => {
    const { watch, listener } = start();
    watch.saw(LOOK, watch.begin());
    watch.ask();
    watch.ask();
    watch.saw(LOOK, watch.begin());
    watch.saw(LOOK, watch.begin());
    expect(listener.looks).toHaveLength(2);
  });

  test('that had begun before they were asked for do not count as the answer', () => {
    const { watch, listener } = start();
    watch.saw(LOOK, watch.begin());
    const early = watch.begin();
    watch.ask();
    watch.saw(LOOK, early);
    expect(listener.looks).toHaveLength(1);
    watch.saw(LOOK, watch.begin());
    expect(listener.looks).toHaveLength(2);
  });

  test('that fail leave what was asked for owed', () => {
    const { watch, listener } = start();
    watch.saw(LOOK, watch.begin());
    watch.ask();
    watch.missed(watch.begin());
    watch.saw(LOOK, watch.begin());
    expect(listener.looks).toHaveLength(2);
  });

  test('from a slower connection do not bring back an older screen', () => {
    const { watch, listener } = start();
    watch.ask();
    const slow = watch.begin();
    watch.saw({ ...LOOK, text: 'new' }, watch.begin());
    expect(watch.saw({ ...LOOK, text: 'old' }, slow)).toBe(false);
    expect(listener.looks.map(({ text }) => text)).toEqual(['new']);
    watch.saw({ ...LOOK, text: 'new' }, watch.begin());
    expect(listener.looks.map(({ text }) => text)).toEqual(['new', 'new']);
  });

  test('that were asked for and come too late have another one begun', () => {
    const { watch, owed } = start();
    watch.saw(LOOK, watch.begin());
    watch.ask();
    const slow = watch.begin();
    watch.saw(LOOK, watch.begin());
    watch.saw(LOOK, slow);
    expect(owed).toHaveBeenCalledTimes(1);
    watch.saw(LOOK, watch.begin());
    const unasked = watch.begin();
    watch.saw(LOOK, watch.begin());
    watch.saw(LOOK, unasked);
    expect(owed).toHaveBeenCalledTimes(1);
  });
});

describe('the connection', () => {
  test('is told when it changes', () => {
    const { watch, listener } = start();
    watch.connected('shared');
    watch.connected('shared');
    watch.connected('attached');
    expect(listener.connections).toEqual(['shared', 'attached']);
  });
});

describe('a watch that is over', () => {
  test('is closed once and says nothing more', () => {
    const { watch, listener } = start();
    watch.close('gone', 'killed');
    watch.close('lost', 'late');
    watch.connected('attached');
    watch.saw(LOOK, watch.begin());
    expect(listener.closings).toEqual([{ cause: 'gone', detail: 'killed' }]);
    expect(listener.connections).toEqual([]);
    expect(listener.looks).toEqual([]);
  });

  test('says nothing at all where it was stopped', () => {
    const { watch, listener } = start();
    watch.stop();
    watch.close('gone', 'killed');
    expect(watch.open).toBe(false);
    expect(listener.closings).toEqual([]);
  });
});
