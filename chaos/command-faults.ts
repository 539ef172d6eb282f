/** What must not be, in the story of commands that were sent while the daemon was killed. */

import type { Command, MonitorEvent } from '../machines/vocabulary.ts';
import type { Recorded } from '../test/support/recording-agent.ts';

export interface SessionStory {
  session: string;
  /** The ids that callers were given, in the order in which they sent. */
  accepted: readonly string[];
  /** As the API tells them in the end, oldest first. */
  commands: readonly Command[];
  records: readonly Recorded[];
}

export interface ChaosStory {
  sessions: readonly SessionStory[];
  journal: readonly MonitorEvent[];
  stream: readonly MonitorEvent[];
  /** When each life after the first began. Milliseconds since the epoch. */
  startedAt: readonly number[];
}

export const faultsOf = (story: ChaosStory): string[] => [
  ...story.sessions.flatMap((session) => [
    ...lost(session),
    ...session.commands.flatMap((command) => mistyped(command, session)),
    ...joined(session),
    ...outOfOrder(session),
    ...tooManyInterrupted(session, story.startedAt),
  ]),
  ...told('the journal', story.journal, commandsOf(story)),
  ...told('the stream', story.stream, commandsOf(story)),
];

const commandsOf = ({ sessions }: ChaosStory): Command[] =>
  sessions.flatMap(({ commands }) => commands);

const lost = ({ session, accepted, commands }: SessionStory): string[] => {
  const ids = commands.map(({ id }) => id);
  return ids.join() === accepted.join()
    ? []
    : [`${session}: accepted ${accepted.join()}, but there are ${ids.join()}`];
};

const mistyped = (
  { id, command, status, evidence }: Command,
  { session, records }: SessionStory,
): string[] => {
  const count = (did: Recorded['did']): number =>
    records.filter((record) => record.did === did && record.text.includes(command)).length;
  const [pasted, submitted] = [count('paste'), count('enter')];
  const is = `${session}: ${id} "${command}", ${status}, was`;
  return [
    ...(status === 'queued' || status === 'sending' ? [`${is} left so`] : []),
    ...(pasted > 1 ? [`${is} typed ${pasted} times`] : []),
    ...(submitted > 1 ? [`${is} submitted ${submitted} times`] : []),
    ...(status === 'sent' && submitted === 0 ? [`${is} never submitted`] : []),
    ...(status === 'failed' && submitted > 0 ? [`${is} submitted`] : []),
    ...(evidence === 'not-typed' && pasted > 0 ? [`${is} typed`] : []),
  ];
};

/** Whatever was submitted is one whole command. */
const joined = ({ session, commands, records }: SessionStory): string[] => {
  const known = new Set(commands.map(({ command }) => command));
  return records
    .filter(({ did, text }) => did === 'enter' && text !== '' && !known.has(text))
    .map(({ text }) => `${session}: "${text}" was submitted and never sent`);
};

const outOfOrder = ({ session, commands, records }: SessionStory): string[] => {
  const texts = commands.map(({ command }) => command);
  const typed = records.filter(({ did }) => did === 'paste').map(({ text }) => texts.indexOf(text));
  const wrong = typed.findIndex((place, index) => place <= (typed[index - 1] ?? -1));
  return wrong < 0
    ? []
    : [`${session}: "${texts[typed[wrong] ?? 0]}" was typed out of its order: ${typed.join()}`];
};

const tooManyInterrupted = (
  { session, commands }: SessionStory,
  startedAt: readonly number[],
): string[] => {
  const lives = commands
    .filter(({ error }) => error === 'interrupted')
    .map(({ finishedAt }) => startedAt.findIndex((at) => (finishedAt ?? 0) <= at));
  return lives
    .filter((life, index) => life < 0 || lives.indexOf(life) !== index)
    .map((life) => `${session}: more than one was found interrupted by life ${life + 2}`);
};

/** What is wrong with how events tell of commands: each beginning and each end once, and no gap. */
export const told = (
  where: string,
  events: readonly MonitorEvent[],
  commands: readonly Command[],
): string[] => {
  const gap = events.findIndex(({ seq }, index) => seq !== index + 1);
  const byCommand = Map.groupBy(
    events.filter(({ event }) => event.startsWith('command_')),
    ({ id }) => id,
  );
  return [
    ...(gap < 0 ? [] : [`${where} has event ${events[gap]?.seq} in place ${gap + 1}`]),
    ...commands.flatMap(({ id, status }) => {
      const names = (byCommand.get(id) ?? []).map(({ event }) => event).join();
      const wanted = `command_queued,command_${status}`;
      return names === wanted ? [] : [`${where} tells of ${id}, ${status}: ${names}`];
    }),
  ];
};
