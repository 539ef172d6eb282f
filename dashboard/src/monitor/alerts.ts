/** What is worth calling a person for, and whom it may call. Pure. */

import type { EventName, MonitorEvent } from '../../../machines/vocabulary.ts';
import { plain } from '../format.ts';
import { tellEvent } from './event-words.ts';

export const ALERT_KINDS = ['waiting', 'stuck', 'error', 'complete'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export interface Alert {
  kind: AlertKind;
  session: string;
  /** What it is about, in a line; what an agent has printed is part of it. */
  text: string;
}

/** Null where an event calls nobody. */
export const alertOf = (event: MonitorEvent): Alert | null => {
  const kind = KINDS[event.event];
  // A menu that a person has opened holds nobody up.
  if (!kind || event.attention === 'other-dialog') return null;
  return { kind, session: event.session, text: tellEvent(event) };
};

const KINDS: Partial<Record<EventName, AlertKind>> = {
  agent_waiting: 'waiting',
  agent_stuck: 'stuck',
  agent_error: 'error',
  agent_complete: 'complete',
};

/** What an agent does next ends what it called for. */
export const endsAlert = ({ event }: MonitorEvent): boolean =>
  event === 'state_change' || event === 'attention_change' || event === 'session_gone';

export interface AlertSettings {
  isOn: boolean;
  hasSound: boolean;
  kinds: readonly AlertKind[];
  /** Of these agents nothing is told. */
  muted: readonly string[];
}

const UNSET: AlertSettings = {
  ...{ isOn: false, hasSound: true, kinds: ['waiting', 'stuck', 'error'], muted: [] },
};

/** As they were stored; what is missing or was written by hand is as it is at first. */
export const parseSettings = (stored: string | null): AlertSettings => {
  const found = asRecord(parsed(stored));
  return {
    isOn: typeof found.isOn === 'boolean' ? found.isOn : UNSET.isOn,
    hasSound: typeof found.hasSound === 'boolean' ? found.hasSound : UNSET.hasSound,
    kinds: Array.isArray(found.kinds)
      ? ALERT_KINDS.filter((kind) => (found.kinds as unknown[]).includes(kind))
      : UNSET.kinds,
    muted: Array.isArray(found.muted)
      ? found.muted.filter((session) => typeof session === 'string')
      : UNSET.muted,
  };
};

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

const parsed = (text: string | null): unknown => {
  try {
    return JSON.parse(text ?? '{}');
  } catch {
    return {}; // Somebody wrote it by hand: it is written anew with the first change.
  }
};

export const isWelcome = ({ isOn, kinds, muted }: AlertSettings, alert: Alert): boolean =>
  isOn && kinds.includes(alert.kind) && !muted.includes(alert.session);

/** Who is muted stays so under a new name. */
export const withRenamed = (settings: AlertSettings, event: MonitorEvent): AlertSettings => {
  const { previousSession, session } = event;
  const { muted } = settings;
  if (event.event !== 'session_renamed' || !muted.some((each) => each === previousSession))
    return settings;
  return { ...settings, muted: muted.map((each) => (each === previousSession ? session : each)) };
};

/** One notification: of one alert, or of many. */
export interface Call {
  /** The agent that it is about; null where it is about several. */
  session: string | null;
  kind: AlertKind;
  title: string;
  body: string;
}

/** The most urgent kind of them gives the tone. */
export const callFor = (alerts: readonly [Alert, ...Alert[]]): Call => {
  const [first] = alerts;
  const sessions = [...new Set(alerts.map(({ session }) => session))];
  if (sessions.length === 1) {
    const last = alerts.at(-1) ?? first;
    return {
      session: last.session,
      kind: last.kind,
      title: plain(titleOf(last)),
      body: plain(last.text),
    };
  }
  const counted = ALERT_KINDS.map((kind) => ({
    kind,
    number: new Set(alerts.filter((each) => each.kind === kind).map(({ session }) => session)).size,
  })).filter(({ number }) => number > 0);
  return {
    session: null,
    kind: counted[0]?.kind ?? first.kind,
    title: `${sessions.length} agents: ${counted.map(({ kind, number }) => `${number} ${kind}`).join(', ')}`,
    body: plain(sessions.join(', ')),
  };
};

const titleOf = ({ kind, session }: Alert): string => {
  switch (kind) {
    case 'waiting':
      return `${session} waits for you`;
    case 'stuck':
      return `${session} is stuck`;
    case 'error':
      return `${session} has failed`;
    case 'complete':
      return `${session} is done`;
  }
};
