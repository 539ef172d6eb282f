/** What events and answers change in the agents that the page shows. Pure. */

import type {
  Agent,
  Attention,
  Dialog,
  DialogOption,
  MonitorEvent,
} from '../../../machines/vocabulary.ts';

/** An agent as the page knows it. */
export interface Shown extends Agent {
  /** The dialog that it shows; null where there is none, or it is not known yet. */
  dialog: Dialog | null;
}

export type Agents = ReadonlyMap<string, Shown>;

/** What events tell of an agent. A list that is read at the same time may be older, so it never changes these. */
const TOLD = ['state', 'since', 'attention', 'progress', 'progressSource', 'dialog'] as const;

/** All agents anew, as a snapshot has them. */
export const fromSnapshot = (list: readonly Agent[]): Agents =>
  new Map(list.map((agent) => [agent.session, { ...agent, dialog: null }]));

/** What the list alone tells: who is there, and what no event carries. */
export const withList = (agents: Agents, list: readonly Agent[]): Agents =>
  new Map(list.map((agent) => [agent.session, merged(agents.get(agent.session), agent)]));

const merged = (before: Shown | undefined, now: Agent): Shown => {
  if (!before) return { ...now, dialog: null };
  const told = Object.fromEntries(TOLD.map((field) => [field, before[field]]));
  // A reason is of its state: that of another state would contradict what is shown.
  const said =
    now.state === before.state ? {} : { reason: before.reason, evidence: before.evidence };
  const after = { ...before, ...now, ...said, ...told } as Shown;
  return isSame(before, after) ? before : after;
};

const isSame = (one: object, other: object): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** The dialog that an agent was asked for, as it stands now, where no event has told of another one. */
export const withDialog = (agents: Agents, session: string, dialog: Dialog | null): Agents => {
  const agent = agents.get(session);
  if (!agent || agent.attention === 'none' || dialog === null) return agents;
  const isNews =
    agent.dialog === null || (isSameDialog(agent.dialog, dialog) && !isSame(agent.dialog, dialog));
  return isNews ? new Map(agents).set(session, { ...agent, dialog }) : agents;
};

/** The same question asked again is another dialog. */
export const isSameDialog = (one: Dialog, other: Dialog): boolean =>
  one.id === other.id && one.since === other.since;

/** Whether its options may become others without any event: ticked, or written into. */
export const mayChange = ({ options }: Dialog): boolean =>
  options.some(
    ({ ticked, takesText, inTerminal }) => ticked !== undefined || takesText || inTerminal,
  );

/** Whether the same would be answered by the same: the cursor may stand elsewhere. */
export const hasSameOptions = (one: Dialog, other: Dialog): boolean =>
  isSame(one.options.map(withoutCursor), other.options.map(withoutCursor));

const withoutCursor = ({ preselected: _, ...option }: DialogOption) => option;

/** Answers the same agents where the event changes nothing that is shown. */
export const withEvent = (agents: Agents, event: MonitorEvent): Agents => {
  const { session } = event;
  if (event.event === 'session_renamed') return renamed(agents, event);
  const agent = agents.get(session);
  const change = agent && changeOf(event);
  return agent && change ? new Map(agents).set(session, { ...agent, ...change }) : agents;
};

const changeOf = (event: MonitorEvent): Partial<Shown> | null => {
  const { timestamp } = event;
  const { state, reason, evidence, attention, progress, progressSource, indicators, dialog } =
    event as Partial<Shown>;
  switch (event.event) {
    case 'state_change':
      return defined({
        ...{ state, reason, evidence, attention, progress, indicators },
        ...{ since: timestamp, lastActivity: timestamp },
      });
    case 'progress':
      return defined({ progress, progressSource, indicators, lastActivity: timestamp });
    case 'attention_change':
      return { attention: attention as Attention, dialog: dialog ?? null };
    case 'session_gone':
    case 'session_killed':
      return { connection: 'gone', attention: 'none', dialog: null };
    default:
      return null;
  }
};

/** An event whose fields the disk has garbled lacks them: what was known stays. */
const defined = (fields: Partial<Record<keyof Shown, unknown>>): Partial<Shown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const renamed = (agents: Agents, event: MonitorEvent): Agents => {
  const { session, previousSession } = event as MonitorEvent & { previousSession?: string };
  const agent = agents.get(previousSession ?? '');
  if (!agent) return agents;
  const next = new Map(agents);
  next.delete(agent.session);
  return next.set(session, { ...agent, session });
};
