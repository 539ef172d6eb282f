/** Calls a person who looks elsewhere: by notifications and tones, where that was asked for. */

import { signal } from '@preact/signals';
import type { MonitorEvent } from '../../machines/vocabulary.ts';
import {
  type Alert,
  type AlertKind,
  type AlertSettings,
  alertOf,
  type Call,
  callFor,
  endsAlert,
  isWelcome,
  parseSettings,
  withRenamed,
} from './monitor/alerts.ts';
import { hear } from './monitor/feed.ts';
import { CALM, released, withAlert, without } from './monitor/storm-guard.ts';
import { goTo, route } from './router.ts';
import { playTone } from './tone.ts';

const KEY = 'agent-monitor.alerts';

export const alertSettings = signal<AlertSettings>(parseSettings(localStorage.getItem(KEY)));

/** Whether the browser shows notifications; null where it cannot, as over plain HTTP from elsewhere. */
export const permission = signal(readPermission());

function readPermission(): NotificationPermission | null {
  return 'Notification' in window && window.isSecureContext ? Notification.permission : null;
}

export const changeAlerts = (change: Partial<AlertSettings>): void => {
  alertSettings.value = { ...alertSettings.peek(), ...change };
  localStorage.setItem(KEY, JSON.stringify(alertSettings.peek()));
};

/** Only upon a click: browsers, and people, take it amiss otherwise. */
export const askPermission = async (): Promise<void> => {
  if (permission.peek() === 'default') permission.value = await Notification.requestPermission();
};

/** How an alert looks and sounds. */
export const tryAlert = (): void =>
  call({
    session: null,
    kind: 'waiting',
    title: 'agent-monitor',
    body: 'This is how it calls you.',
  });

let guard = CALM;
/** Of several tabs one calls; the next one does where that is closed. */
let isCaller = false;
/** What the monitor tells up to here has happened before the page knew of it; null before it is connected. */
let oldUpTo: number | null = null;
const open = new Map<string, Notification>();

export const followAlerts = (): void => {
  becomeCaller();
  addEventListener('storage', ({ key, newValue }) => {
    if (key === KEY) alertSettings.value = parseSettings(newValue);
  });
  hear((message) => {
    // What happened while the line was lost is news.
    if (message.type === 'connected') oldUpTo ??= message.seq;
    if (message.type === 'reset') oldUpTo = message.seq;
    if (message.type === 'event') take(message);
  });
};

const becomeCaller = (): void => {
  // Locks are for secure pages only; elsewhere there are but tones.
  if (!navigator.locks) isCaller = true;
  else
    void navigator.locks.request(KEY, () => {
      isCaller = true;
      return new Promise(() => {});
    });
};

const take = (event: MonitorEvent): void => {
  const renamed = withRenamed(alertSettings.peek(), event);
  if (renamed !== alertSettings.peek()) changeAlerts(renamed);
  if (endsAlert(event)) takeBack(event.session);
  const alert = alertOf(event);
  if (!alert || !isCaller || event.seq <= (oldUpTo ?? 0)) return;
  if (!isWelcome(alertSettings.peek(), alert) || isLookedAt(alert.session)) return;
  const { guard: next, tell } = withAlert(guard, alert, Date.now());
  if (guard.dueAt === null && next.dueAt !== null) setTimeout(release, next.dueAt - Date.now());
  guard = next;
  tellAll(tell);
};

const takeBack = (session: string): void => {
  guard = without(guard, session);
  open.get(session)?.close();
};

const release = (): void => {
  const { guard: next, tell } = released(guard, guard.dueAt ?? 0);
  guard = next;
  tellAll(tell.filter(({ session }) => !isLookedAt(session)));
};

const tellAll = ([first, ...more]: readonly Alert[]): void => {
  if (first) call(callFor([first, ...more]));
};

const isLookedAt = (session: string): boolean => {
  const shown = route.peek();
  return !document.hidden && shown.page === 'agent' && shown.session === session;
};

const call = ({ session, kind, title, body }: Call): void => {
  if (alertSettings.peek().hasSound) playTone(TONES[kind]);
  if (permission.peek() !== 'granted') return;
  const name = session ?? '';
  // One that only takes the place of another comes without a sign.
  open.get(name)?.close();
  try {
    const notification = new Notification(title, {
      body,
      tag: `agent-monitor ${name}`,
      silent: true,
    });
    open.set(name, notification);
    notification.onclose = () => {
      if (open.get(name) === notification) open.delete(name);
    };
    notification.onclick = () => {
      window.focus();
      goTo(session === null ? { page: 'overview' } : { page: 'agent', session });
      notification.close();
    };
  } catch (error) {
    // Chrome on Android allows them to service workers only.
    if (!(error instanceof TypeError)) throw error;
    permission.value = null;
  }
};

/** In Hz, one after the other. */
const TONES: Record<AlertKind, number[]> = {
  waiting: [660, 880],
  stuck: [440, 440],
  error: [392, 262],
  complete: [784],
};
