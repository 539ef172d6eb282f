/** Gathers the story of a run that has come to rest. */

import type { EventPage } from '../../actors/ports.ts';
import type { Command, MonitorEvent } from '../../machines/vocabulary.ts';
import type { TestDaemon } from '../../test/support/daemon.ts';
import { readStream } from '../../test/support/relay.ts';
import type { Pause } from './agent-files.ts';
import type { MixStory } from './checks.ts';
import { LAST_PROMPT, within } from './rest.ts';
import type { Scene } from './scene.ts';
import type { Sent } from './sender.ts';
import { HUMAN_TEXT } from './tmux-hand.ts';

const CAUGHT_UP_WITHIN_MS = 20_000;

export const gatherStory = async (
  scene: Scene,
  run: { sent: readonly Sent[]; machinePauses: readonly Pause[] },
): Promise<MixStory> => {
  const { watched, reader, troupe, clock } = scene;
  const told = await gatherEvents(scene);
  const { journal } = told;
  return {
    ...{ ...run, ...told },
    resets: reader.resets(),
    // A fault may have set the daemon's clock; all else is told by the true one.
    commands: (await readCommands(watched.daemon, journal)).map((command) => ({
      ...command,
      createdAt: clock.trueTime(command.createdAt, Date.now()),
    })),
    lives: troupe.lives(),
    others: [HUMAN_TEXT, LAST_PROMPT],
  };
};

/** What is told just now is on its way: all three are asked again until they agree. */
export const gatherEvents = async (
  scene: Scene,
): Promise<Pick<MixStory, 'journal' | 'stream' | 'read'>> => {
  const { watched, redis, reader } = scene;
  let journal: MonitorEvent[] = [];
  let stream: MonitorEvent[] = [];
  let read: readonly MonitorEvent[] = [];
  await within(scene, CAUGHT_UP_WITHIN_MS, async () => {
    journal = await readJournal(watched.daemon);
    stream = (await readStream(redis)).map(([, event]) => event);
    read = [...reader.events];
    const last = placeOf(journal.at(-1));
    return placeOf(stream.at(-1)) === last && placeOf(read.at(-1)) === last;
  });
  return { journal, stream, read };
};

const placeOf = (event: MonitorEvent | undefined): string => `${event?.epoch} ${event?.seq}`;

/** All events after that one. */
export const readJournal = async (daemon: TestDaemon, after = 0): Promise<MonitorEvent[]> => {
  const events: MonitorEvent[] = [];
  for (;;) {
    const from = events.at(-1)?.seq ?? after;
    const page = await daemon.get<EventPage>(`/api/events?limit=1000&after=${from}`);
    if (page.events.length === 0) return events;
    events.push(...page.events);
  }
};

const readCommands = async (
  daemon: TestDaemon,
  journal: readonly MonitorEvent[],
): Promise<Command[]> => {
  const ids = journal.flatMap(({ event, id }) => (event === 'command_queued' ? [String(id)] : []));
  const commands: Command[] = [];
  for (const id of new Set(ids)) commands.push(await daemon.get<Command>(`/api/commands/${id}`));
  return commands;
};
