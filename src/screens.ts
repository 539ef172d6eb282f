/** What panes show, as a terminal would draw it, for whoever looks at the moment. */

import type { Clock, Log, Screen, ScreenListener, Stop } from '../actors/ports.ts';
import type { PaneIdentity } from '../machines/vocabulary.ts';

/**
 * From one capture of a pane to the next, while somebody looks: after a change, and without one. And at
 * least as long as the last one took, so that reading takes no more than half of the time, however
 * much there is to read.
 */
const LIVELY_MS = 50;
const STILL_MS = 200;

export interface Screens {
  /** Tells what the pane shows, at once and at every change, until it is stopped or gone. */
  watch(target: PaneIdentity, listener: ScreenListener): Stop;
}

interface Shown {
  viewers: Set<ScreenListener>;
  last: Screen | null;
  timer: unknown;
}

/**
 * A pane is captured only while somebody looks at it, once for all who do. What moves without
 * changing any text, such as a colour or the cursor, no notification of tmux tells, so it is asked.
 */
export const createScreens = (options: {
  capture(target: PaneIdentity): Promise<Screen | null>;
  clock: Clock;
  log: Log;
}): Screens => {
  const { capture, clock, log } = options;
  const shownByPane = new Map<string, Shown>();

  const end = (key: string, shown: Shown, reason: string) => {
    clock.clearTimeout(shown.timer);
    if (shownByPane.get(key) === shown) shownByPane.delete(key);
    for (const viewer of shown.viewers) viewer.gone(reason);
    shown.viewers.clear();
  };

  const look = async (key: string, target: PaneIdentity, shown: Shown): Promise<void> => {
    const begun = clock.monotonic();
    const screen = await capture(target);
    const took = clock.monotonic() - begun;
    if (shown.viewers.size === 0) return;
    if (screen === null) return end(key, shown, 'the pane is no more');
    const isNews = shown.last === null || !isSameScreen(shown.last, screen);
    shown.last = screen;
    if (isNews) for (const viewer of shown.viewers) viewer.shown(screen);
    const pause = Math.max(took, isNews ? LIVELY_MS : STILL_MS);
    shown.timer = clock.setTimeout(() => begin(key, target, shown), pause);
  };

  const begin = (key: string, target: PaneIdentity, shown: Shown) => {
    look(key, target, shown).catch((error: unknown) => {
      log.warn({ err: error }, 'a screen could not be read for one who looks at it');
      end(key, shown, 'tmux could not read it');
    });
  };

  return {
    watch: (target, listener) => {
      const key = `${target.server.pid}/${target.server.startTime}/${target.paneId}/${target.panePid}`;
      const known = shownByPane.get(key);
      const shown = known ?? { viewers: new Set(), last: null, timer: null };
      // Wrapped, so that one who looks twice is told twice, and stops one by one.
      const viewer = { ...listener };
      shown.viewers.add(viewer);
      if (!known) {
        shownByPane.set(key, shown);
        begin(key, target, shown);
      } else if (known.last) listener.shown(known.last);
      return () => {
        if (!shown.viewers.delete(viewer) || shown.viewers.size > 0) return;
        clock.clearTimeout(shown.timer);
        if (shownByPane.get(key) === shown) shownByPane.delete(key);
      };
    },
  };
};

const isSameScreen = (one: Screen, other: Screen): boolean =>
  one.width === other.width &&
  one.height === other.height &&
  one.title === other.title &&
  one.cursor.x === other.cursor.x &&
  one.cursor.y === other.cursor.y &&
  one.cursor.visible === other.cursor.visible &&
  one.rows.every((row, index) => row === other.rows[index]);
