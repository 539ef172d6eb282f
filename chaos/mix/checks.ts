/** What must not be, in the story of a run. */

import type { Command, MonitorEvent } from '../../machines/vocabulary.ts';
import { told } from '../command-faults.ts';
import { type Pause, TERMINAL_GONE } from './agent-files.ts';
import { agentOf, type Sent } from './sender.ts';

/** One agent from its start to its end, and what it wrote down. */
export interface LifeStory {
  agent: number;
  startedAt: number;
  /** Null where it goes on. */
  endedAt: number | null;
  pasted: readonly string[];
  submitted: readonly string[];
  pauses: readonly Pause[];
  /** As it wrote down at its end, if it could. */
  status: number | null;
  /** Whether it was asked to end. */
  asked: boolean;
}

export interface MixStory {
  /** Of each agent in the order in which it was sent. */
  sent: readonly Sent[];
  /** All that the journal tells of, as the API tells them in the end; `createdAt` by the true clock. */
  commands: readonly Command[];
  journal: readonly MonitorEvent[];
  stream: readonly MonitorEvent[];
  /** What the reader of the event stream got. */
  read: readonly MonitorEvent[];
  resets: number;
  lives: readonly LifeStory[];
  /** When this whole machine stood still, or was too busy to go on. */
  machinePauses: readonly Pause[];
  /** What others than the callers submit. */
  others: readonly string[];
}

const LONGEST_PAUSE_MS = 2_000;

const CHECKS: ((story: MixStory) => string[])[] = [
  ({ sent, commands }) => {
    const known = new Set(commands.map(({ id }) => id));
    return sent
      .filter(({ id }) => id !== null && !known.has(id))
      .map(({ id, text }) => `"${text}" was accepted as ${id} and is lost`);
  },
  ({ commands }) =>
    commands
      .filter(({ status }) => status === 'queued' || status === 'sending')
      .map(
        ({ id, session, command, status }) =>
          `"${command}" of ${session} (${id}) was left ${status}`,
      ),
  (story) => textsOf(story).flatMap((text) => mistyped(text, story)),
  ({ lives, commands }) =>
    lives.flatMap((life) => life.pasted.flatMap((text) => misplaced(text, life, commands))),
  ({ lives, commands }) => lives.flatMap(({ pasted }) => outOfOrder(pasted, commands)),
  (story) => joined(story),
  ({ journal, commands }) => told('the journal', journal, commands),
  ({ journal }) => {
    const epochs = new Set(journal.map(({ epoch }) => epoch));
    return epochs.size > 1 ? [`the journal has ${epochs.size} epochs`] : [];
  },
  ({ journal }) =>
    journal
      .filter(({ event }) => event === 'agent_stuck')
      .map(({ session }) => `${session} was called stuck`),
  ({ journal, stream }) => different('the stream', stream, journal),
  ({ journal, read }) => different('the reader', read, journal),
  ({ resets }) =>
    resets > 0 ? [`the reader was told ${resets} times that it missed something`] : [],
  ({ lives, machinePauses }) => lives.flatMap((life) => stopped(life, machinePauses)),
  ({ lives }) =>
    lives
      .filter(({ status, asked }) => status !== null && status !== TERMINAL_GONE && !asked)
      .map(({ agent, status }) => `agent ${agent + 1} ended by itself with ${status}`),
];

export const violationsOf = (story: MixStory): string[] => CHECKS.flatMap((check) => check(story));

const textsOf = ({ sent }: MixStory): string[] => [...new Set(sent.map(({ text }) => text))];

/** A command that was retried has the text of the one before: each may have been typed once. */
const mistyped = (text: string, { commands, lives }: MixStory): string[] => {
  const same = commands.filter(({ command }) => command === text);
  const among = (texts: readonly string[]): number =>
    texts.filter((other) => other.includes(text)).length;
  const count = (of: (life: LifeStory) => readonly string[]): number =>
    lives.reduce((sum, life) => sum + among(of(life)), 0);
  const pasted = count(({ pasted }) => pasted);
  const submitted = count(({ submitted }) => submitted);
  const sent = same.filter(({ status }) => status === 'sent').length;
  const mayBe = sent + same.filter(({ status }) => status === 'unknown').length;
  const typed = same.filter(({ evidence }) => evidence !== 'not-typed').length;
  const is = `"${text}" (${same.map(({ id, status, evidence }) => `${id} ${status} ${evidence}`).join()})`;
  return [
    ...(pasted > typed ? [`${is} was typed ${pasted} times`] : []),
    ...(submitted > mayBe ? [`${is} was submitted ${submitted} times`] : []),
    ...(submitted < sent ? [`${is} was submitted only ${submitted} times`] : []),
  ];
};

/** Into another agent, or into one that was begun after it had been accepted, or ended before. */
const misplaced = (text: string, life: LifeStory, commands: readonly Command[]): string[] => {
  const agent = agentOf(text);
  const of = `agent ${life.agent + 1}`;
  if (agent === null) return [];
  if (agent !== life.agent) return [`"${text}" was typed into ${of}`];
  const same = commands.filter(({ command }) => command === text);
  const isMeant = same.some(
    ({ createdAt }) => createdAt >= life.startedAt && createdAt <= (life.endedAt ?? Infinity),
  );
  return isMeant ? [] : [`"${text}" was meant for another life of ${of} than it was typed into`];
};

const outOfOrder = (pasted: readonly string[], commands: readonly Command[]): string[] => {
  const once = pasted.filter(
    (text) => commands.filter(({ command }) => command === text).length === 1,
  );
  return once.flatMap((text, index) => {
    const before = once[index - 1];
    return before !== undefined && numberOf(before) > numberOf(text)
      ? [`"${text}" was typed after "${before}"`]
      : [];
  });
};

const numberOf = (text: string): number => Number(/#(\d+)/.exec(text)?.[1]);

/** Whatever was submitted is one whole command, or what a person had a part in. */
const joined = ({ lives, commands, others }: MixStory): string[] => {
  const known = new Set(commands.map(({ command }) => command));
  return lives.flatMap(({ agent, submitted }) =>
    submitted
      .filter((text) => !known.has(text) && !others.some((other) => text.includes(other)))
      .map((text) => `"${text}" was submitted to agent ${agent + 1} and never sent`),
  );
};

export const different = (
  where: string,
  events: readonly MonitorEvent[],
  journal: readonly MonitorEvent[],
): string[] => {
  const index = journal.findIndex(
    (event, at) => JSON.stringify(events[at]) !== JSON.stringify(event),
  );
  if (index >= 0) {
    const [has, should] = [events[index], journal[index]].map((event) => JSON.stringify(event));
    return [`${where} has ${has} in the place of ${should}`];
  }
  const more = events.length - journal.length;
  return more > 0 ? [`${where} has ${more} events more than the journal`] : [];
};

const stopped = ({ agent, pauses }: LifeStory, machinePauses: readonly Pause[]): string[] =>
  pauses
    .filter(({ from, to }) => to - from > LONGEST_PAUSE_MS)
    .filter(
      (pause) => !machinePauses.some((other) => other.from < pause.to && pause.from < other.to),
    )
    .map(({ from, to }) => `agent ${agent + 1} stood still for ${to - from} ms`);
