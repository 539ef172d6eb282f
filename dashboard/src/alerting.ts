/** Calls a person who looks elsewhere: by notifications and tones, where that was asked for. */

import { signal } from '@preact/signals';
import { createAlerter } from './monitor/alerter.ts';
import type { AlertKind, Call } from './monitor/alerts.ts';
import { hear } from './monitor/feed.ts';
import { browserTime } from './monitor/time.ts';
import { goTo, route } from './router.ts';
import { playTone } from './tone.ts';

const KEY = 'agent-monitor.alerts';

/** Whether the browser shows notifications; null where it cannot, as over plain HTTP from elsewhere. */
export const permission = signal(readPermission());

function readPermission(): NotificationPermission | null {
  return 'Notification' in window && window.isSecureContext ? Notification.permission : null;
}

/** Only upon a click: browsers, and people, take it amiss otherwise. */
export const askPermission = async (): Promise<void> => {
  if (permission.peek() === 'default') permission.value = await Notification.requestPermission();
};

/** How an alert looks and sounds. */
export const tryAlert = (): void => {
  const body = 'This is how it calls you.';
  call({ session: null, kind: 'waiting', title: 'agent-monitor', body });
};

/** Of several tabs one calls; the next one does where that is closed. */
let isCaller = false;

export const followAlerts = (): void => {
  becomeCaller();
  addEventListener('storage', ({ key, newValue }) => {
    if (key === KEY) alerter.take(newValue);
  });
  alerter.follow();
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

const isLookedAt = (session: string): boolean => {
  const shown = route.peek();
  return !document.hidden && shown.page === 'agent' && shown.session === session;
};

const store = (settings: string): void => {
  try {
    localStorage.setItem(KEY, settings);
  } catch (error) {
    // The browser has no room left: they hold until the page is left.
    if (!(error instanceof DOMException)) throw error;
  }
};

const call = ({ session, kind, title, body }: Call): (() => void) => {
  if (alertSettings.peek().hasSound) playTone(TONES[kind]);
  if (permission.peek() !== 'granted') return () => {};
  try {
    const tag = `agent-monitor ${session ?? ''}`;
    const notification = new Notification(title, { body, tag, silent: true });
    notification.onclick = () => {
      window.focus();
      goTo(session === null ? { page: 'overview' } : { page: 'agent', session });
      notification.close();
    };
    return () => notification.close();
  } catch (error) {
    // Chrome on Android allows them to service workers only.
    if (!(error instanceof TypeError)) throw error;
    permission.value = null;
    return () => {};
  }
};

/** In Hz, one after the other. */
const TONES: Record<AlertKind, number[]> = {
  waiting: [660, 880],
  stuck: [440, 440],
  error: [392, 262],
  complete: [784],
};

const alerter = createAlerter({
  ...{ feed: { hear }, time: browserTime, stored: localStorage.getItem(KEY), store },
  ...{ isCaller: () => isCaller, isLookedAt, call },
});

export const { settings: alertSettings, change: changeAlerts } = alerter;
