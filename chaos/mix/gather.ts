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
  const { watched, redis, reader, troupe } = scene;
  let journal: MonitorEvent[] = [];
  let stream: MonitorEvent[] = [];
  let read: readonly MonitorEvent[] = [];
  // What is told just now is on its way: all three are asked again until they agree.
  await within(scene, CAUGHT_UP_WITHIN_MS, async () => {
    journal = await readJournal(watched.daemon);
    stream = (await readStream(redis)).map(([, event]) => event);
    read = [...reader.events];
    const last = journal.at(-1)?.seq;
    return stream.at(-1)?.seq === last && read.at(-1)?.seq === last;
  });
  return {
    ...{ ...run, journal, stream, read },
    resets: reader.resets(),
    commands: await readCommands(watched.daemon, journal),
    lives: troupe.lives(),
    others: [HUMAN_TEXT, LAST_PROMPT],
  };
};

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
