/** The agents as the page shows them: a snapshot, the events after it, and what only a list tells. */

import type { Agent, AgentDetail, Dialog, MonitorEvent } from '../../../machines/vocabulary.ts';
import { agentPath, get, Problem } from './api.ts';
import {
  type Agents,
  fromSnapshot,
  mayChange,
  type Shown,
  withDialog,
  withEvent,
  withList,
} from './apply.ts';
import { hear } from './feed.ts';
import { createFramed } from './framed.ts';

/** Nobody reads faster; a change after a rest is drawn at once. */
const DRAWN_EVERY_MS = 100;

const known = createFramed<Agents | null>(null, DRAWN_EVERY_MS);

/** Null until the first snapshot is there. */
export const agents = known.shown;

/** No event tells of these changes, so the list is read again while there are events, and now and then. */
const LIST_AFTER_EVENT_MS = 1_000;
const LIST_EVERY_MS = 10_000;
/** So long after the dialogs were read they are read again. */
const DIALOGS_EVERY_MS = 2_000;

let listing: ReturnType<typeof setTimeout> | null = null;
/** Counts what makes a list untrue that was asked for before: sessions that come, go or change names. */
let turn = 0;

export const followAgents = (): void => {
  hear((message) => {
    if (message.type === 'snapshot') {
      turn += 1;
      known.change(fromSnapshot(message.agents));
      askForDialogs();
    } else if (message.type === 'event') {
      takeEvent(message);
    } else if (message.type === 'connected' && known.latest()) {
      listSoon(0);
    }
  });
  setInterval(() => listSoon(0), LIST_EVERY_MS);
  followDialogs();
};

/**
 * The dialog that it shows, ticked as it is now.
 * @throws {Problem}
 */
export const readDialog = async (session: string): Promise<Dialog | null> => {
  const { dialog } = await get<AgentDetail>(agentPath(session));
  const before = known.latest();
  if (before) known.change(withDialog(before, session, dialog));
  return dialog;
};

const takeEvent = (event: MonitorEvent): void => {
  const before = known.latest();
  if (!before) return;
  known.change(withEvent(before, event));
  if (event.event.startsWith('session_')) turn += 1;
  listSoon(LIST_AFTER_EVENT_MS);
};

const listSoon = (ms: number): void => {
  if (listing === null) listing = setTimeout(() => void list(), ms);
};

const list = async (): Promise<void> => {
  // What happens from here on may not be in the answer: it asks for another one.
  listing = null;
  const asked = turn;
  try {
    const answer = await get<{ agents: Agent[] }>('/api/agents');
    const before = known.latest();
    if (asked !== turn) listSoon(LIST_AFTER_EVENT_MS);
    else if (before) known.change(withList(before, answer.agents));
    askForDialogs();
  } catch (error) {
    // The feed says that the monitor is away, and has it read again when it is back.
    if (!(error instanceof Problem)) throw error;
  }
};

/** A snapshot says that a dialog is open, not which. */
const askForDialogs = (): void => {
  for (const { session } of thoseThat(({ dialog }) => dialog === null)) void askForDialog(session);
};

/** No event tells of a tick: whoever looks at the boxes is to see them as they are. */
const followDialogs = (): void => {
  const ask = async (): Promise<void> => {
    if (!document.hidden)
      for (const { session } of thoseThat(({ dialog }) => dialog !== null && mayChange(dialog)))
        await askForDialog(session);
    followDialogs();
  };
  setTimeout(() => void ask(), DIALOGS_EVERY_MS);
};

const thoseThat = (isMeant: (agent: Shown) => boolean): Shown[] =>
  [...(known.latest()?.values() ?? [])].filter(
    (agent) => agent.attention !== 'none' && isMeant(agent),
  );

const askForDialog = async (session: string): Promise<void> => {
  try {
    await readDialog(session);
  } catch (error) {
    if (!(error instanceof Problem)) throw error; // It has just gone, or the monitor has.
  }
};
