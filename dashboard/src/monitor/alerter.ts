/** Decides when to call a person, and when to take that back. How that is done is the browser's. */

import { type ReadonlySignal, signal } from '@preact/signals';
import type { MonitorEvent } from '../../../machines/vocabulary.ts';
import {
  type Alert,
  type AlertSettings,
  alertOf,
  type Call,
  callFor,
  endsAlert,
  isWelcome,
  parseSettings,
  withRenamed,
} from './alerts.ts';
import type { Feed } from './socket-feed.ts';
import { CALM, released, withAlert, without } from './storm-guard.ts';
import type { Time } from './time.ts';

export interface Alerter {
  readonly settings: ReadonlySignal<AlertSettings>;
  change(change: Partial<AlertSettings>): void;
  /** Another tab has stored others. */
  take(stored: string | null): void;
  follow(): void;
}

interface Options {
  feed: Pick<Feed, 'hear'>;
  time: Time;
  stored: string | null;
  store(settings: string): void;
  /** Of several tabs one calls: whether it is this one. */
  isCaller(): boolean;
  isLookedAt(session: string): boolean;
  /** Calls, and answers how to take that back. */
  call(call: Call): () => void;
}

export const createAlerter = (options: Options): Alerter => {
  const { feed, time, isLookedAt } = options;
  const settings = signal(parseSettings(options.stored));
  const calls = createCalls(options.call);
  let guard = CALM;
  /** What the monitor tells up to here has happened before the page knew of it; null before it is connected. */
  let oldUpTo: number | null = null;

  const change = (change: Partial<AlertSettings>): void => {
    settings.value = { ...settings.peek(), ...change };
    options.store(JSON.stringify(settings.peek()));
  };
  const release = (): void => {
    const { guard: next, tell } = released(guard, guard.dueAt ?? 0);
    guard = next;
    calls.make(tell.filter(({ session }) => !isLookedAt(session)));
  };
  const consider = (alert: Alert): void => {
    const now = time.now();
    const { guard: next, tell } = withAlert(guard, alert, now);
    if (guard.dueAt === null && next.dueAt !== null) time.setTimeout(release, next.dueAt - now);
    guard = next;
    calls.make(tell);
  };
  const takeEvent = (event: MonitorEvent): void => {
    const renamed = withRenamed(settings.peek(), event);
    if (renamed !== settings.peek()) change(renamed);
    if (endsAlert(event)) {
      guard = without(guard, event.session);
      calls.takeBack(event.session);
    }
    const alert = alertOf(event);
    if (!alert || !options.isCaller() || event.seq <= (oldUpTo ?? 0)) return;
    if (isWelcome(settings.peek(), alert) && !isLookedAt(alert.session)) consider(alert);
  };

  return {
    ...{ settings, change },
    take: (stored) => {
      settings.value = parseSettings(stored);
    },
    follow: () => {
      feed.hear((message) => {
        // What happened while the line was lost is news.
        if (message.type === 'connected') oldUpTo ??= message.seq;
        if (message.type === 'reset') oldUpTo = message.seq;
        if (message.type === 'event') takeEvent(message);
      });
    },
  };
};

/** The calls that stand, each until all that it is about has ended. */
const createCalls = (call: (call: Call) => () => void) => {
  let made: { about: string | null; left: Set<string>; end(): void }[] = [];
  const endThose = (isOver: (one: (typeof made)[number]) => boolean): void => {
    for (const one of made.filter(isOver)) one.end();
    made = made.filter((one) => !isOver(one));
  };
  return {
    make: ([first, ...more]: readonly Alert[]): void => {
      if (!first) return;
      const next = callFor([first, ...more]);
      const { session: about } = next;
      // One that only takes the place of another comes without a sign.
      endThose((one) => one.about === about);
      const left = new Set([first, ...more].map(({ session }) => session));
      made.push({ about, left, end: call(next) });
    },
    takeBack: (session: string): void => {
      for (const { left } of made) left.delete(session);
      endThose(({ left }) => left.size === 0);
    },
  };
};
