/**
 * The very end of a run: databases are damaged while the daemon is down, and it starts on what is
 * left. What the last copies do not have is lost; what they do have must not be typed again.
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Health, Stats } from '../../actors/ports.ts';
import type { Command } from '../../machines/vocabulary.ts';
import { backUp } from '../../src/store/backup.ts';
import { tryCall } from './calls.ts';
import { different } from './checks.ts';
import { untilWell } from './ending.ts';
import { gatherEvents, readJournal } from './gather.ts';
import { DATABASES, type Damage } from './plan.ts';
import { untilJudged, within } from './rest.ts';
import type { Scene } from './scene.ts';

const DRAFT = 'a draft';
const HELD = 'and one that waits.';
const LATER = 'and one that comes later.';

const WITHIN_MS = 30_000;
const JUDGED_WITHIN_MS = 20_000;
/** Copies are taken newest first, and their names are by a clock that a fault may have set. */
const NEWEST_MS = 365 * 24 * 60 * 60_000;

/** Begins and ends with a daemon that is well; answers what was wrong in between. */
export const checkDamage = async (scene: Scene, damage: Damage): Promise<string[]> => {
  const { watched, troupe, reader } = scene;
  const agent = await agentAtPrompt(scene);
  await typeDraft(scene, agent);
  const held = await send(scene, agent, HELD);
  await backUpAll(scene);
  await troupe.order(agent, 'key ctrl-u');
  const before = await untilFinal(scene, agent, held);
  await untilTold(scene, held);
  const { epoch } = (await watched.daemon.get<Stats>('/api/stats')).events;
  const resets = reader.resets();

  const faults =
    damage.end === 'killed' ? await watched.kill().then(() => []) : await watched.stop();
  const left = damage.databases.map((name) => ({ name, bytes: spoil(scene, name, damage) }));
  await watched.start();

  faults.push(...(await checkHeld(scene, damage, { id: held, status: before?.status })));
  // Nothing is to hold back the next one, whatever became of that one.
  await troupe.order(agent, 'key ctrl-u');
  // The same agent: its last turn ended while nobody watched, and what was known before is older.
  await untilFinal(scene, agent, await send(scene, agent, LATER));
  faults.push(...(await untilJudged(scene, JUDGED_WITHIN_MS)));
  const pasted = troupe.lives().flatMap((life) => life.pasted);
  for (const text of [HELD, LATER]) {
    const times = pasted.filter((each) => each.includes(text)).length;
    if (times !== 1) faults.push(`"${text}" was typed ${times} times`);
  }
  faults.push(...(await checkNews(scene, damage, { epoch, resets })));
  faults.push(...takeAway(scene, left), ...(await untilWell(scene)));
  return faults;
};

const agentAtPrompt = async (scene: Scene): Promise<number> => {
  const { troupe } = scene;
  let found = -1;
  await within(scene, WITHIN_MS, async () => {
    for (let agent = 0; agent < troupe.size && found < 0; agent += 1)
      if ((await troupe.order(agent, 'state'))?.phase === 'prompt') found = agent;
    if (found < 0) await troupe.order(0, 'next');
    return found >= 0;
  });
  if (found < 0) throw new Error('no agent is at its prompt');
  return found;
};

/** What stands in a composer holds back whatever is to be typed. */
const typeDraft = async (scene: Scene, agent: number): Promise<void> => {
  const { tmux, troupe } = scene;
  await troupe.order(agent, `text ${DRAFT}`);
  const { paneId } = troupe.life(agent);
  const isShown = await within(scene, WITHIN_MS, async () =>
    (await tmux.run('capture-pane', '-p', '-t', paneId)).includes(DRAFT),
  );
  if (!isShown) throw new Error(`agent ${agent + 1} does not show its draft`);
};

/** Answers its id. */
const send = async ({ watched, troupe }: Scene, agent: number, text: string): Promise<string> => {
  const path = `/api/agents/${encodeURIComponent(troupe.name(agent))}/command`;
  const call = { body: { command: text }, withinMs: WITHIN_MS };
  const answer = await tryCall(watched.daemon, 'POST', path, call);
  if (answer?.status !== 202)
    throw new Error(`POST ${path} was answered with ${JSON.stringify(answer)}`);
  return (answer.body as { id: string }).id;
};

/** The command as it is at its end, or when it has had its time; null where nobody knows it. */
const untilFinal = async (scene: Scene, agent: number, id: string): Promise<Command | null> => {
  let command: Command | null = null;
  await within(scene, WITHIN_MS, async () => {
    if ((await scene.troupe.order(agent, 'state'))?.phase === 'dialog')
      await scene.troupe.order(agent, 'next');
    command = await commandIn(scene, id);
    return command !== null && command.status !== 'queued' && command.status !== 'sending';
  });
  return command;
};

/** The queue's news are in the journal a moment later: there a restored queue finds what has ended. */
const untilTold = (scene: Scene, id: string): Promise<boolean> =>
  within(scene, WITHIN_MS, async () => {
    const events = await readJournal(scene.watched.daemon);
    return events.some((event) => event.id === id && event.event !== 'command_queued');
  });

const commandIn = async ({ watched }: Scene, id: string): Promise<Command | null> => {
  const answer = await tryCall(watched.daemon, 'GET', `/api/commands/${id}`);
  return answer?.status === 200 ? (answer.body as Command) : null;
};

const backUpAll = async ({ dataDir }: Scene): Promise<void> => {
  for (const name of DATABASES) {
    const sql = new Database(join(dataDir, name));
    try {
      await backUp(sql, Date.now() + NEWEST_MS);
    } finally {
      sql.close();
    }
  }
};

const PAGE_BYTES = 4096;
const HEAD_BYTES = 100;
const OTHER_BYTE = 0xa5;

/** Answers the bytes that are left. */
const spoil = ({ dataDir }: Scene, name: string, { left }: Damage): Buffer => {
  const file = join(dataDir, name);
  // What a killed daemon left in the log is written back, or it would mend some of the damage.
  const sql = new Database(file);
  sql.pragma('wal_checkpoint(TRUNCATE)');
  sql.close();
  const bytes = readFileSync(file);
  if (left === 'page') bytes.fill(OTHER_BYTE, PAGE_BYTES, 2 * PAGE_BYTES);
  if (left === 'head') bytes.fill(OTHER_BYTE, 0, HEAD_BYTES);
  const kept = left === 'half' ? bytes.subarray(0, bytes.length / 2) : bytes;
  writeFileSync(file, kept);
  return kept;
};

/** What the daemon tells of it, and what it has told since. */
const checkNews = async (
  scene: Scene,
  { databases }: Damage,
  before: { epoch: string; resets: number },
): Promise<string[]> => {
  const { watched, reader } = scene;
  const { detail } = (await watched.daemon.get<Health>('/health')).checks.store;
  const { epoch } = (await watched.daemon.get<Stats>('/api/stats')).events;
  const isNew = databases.includes('agent-state.db');
  const { journal, stream, read } = await gatherEvents(scene);
  const started = journal.findLast(({ event }) => event === 'monitor_started');
  const named = Array.isArray(started?.damaged) ? started.damaged.length : 0;
  const isInPlace = journal.every((event, index) => event.seq === index + 1);
  const isOneEpoch = journal.every((event) => event.epoch === epoch);
  const heard = read.filter((event) => event.epoch === epoch);
  const resets = reader.resets() - before.resets;
  return [
    ...databases
      .filter((name) => !detail.includes(`${name}.corrupt-`))
      .map((name) => `/health does not tell of ${name}: ${detail}`),
    ...(named === databases.length ? [] : [`monitor_started names ${named} damaged databases`]),
    ...((epoch !== before.epoch) === isNew ? [] : [`the epoch is ${isNew ? 'the same' : 'new'}`]),
    ...(isInPlace && isOneEpoch ? [] : ['the journal has a gap, or more than one epoch']),
    ...different('the stream', stream, journal),
    // Whoever begins anew is told what comes from then on.
    ...different('the reader', heard, journal.slice(-heard.length)),
    ...(heard.length > 0 ? [] : ['the reader was told nothing since']),
    ...(resets > 0 === isNew ? [] : [`the reader was told ${resets} times to begin anew`]),
  ];
};

/** That it ended is known as long as queue or journal is left to tell it. */
const checkHeld = async (
  scene: Scene,
  { databases }: Damage,
  { id, status: before }: { id: string; status: string | undefined },
): Promise<string[]> => {
  let status: string | undefined;
  await within(scene, WITHIN_MS, async () => {
    status = (await commandIn(scene, id))?.status;
    return status !== undefined;
  });
  const should = databases.length === DATABASES.length ? 'unknown' : before;
  return status === should ? [] : [`"${HELD}" was ${before} and is ${status}, not ${should}`];
};

/** As a person does who has seen to them; each must be as it was found. */
const takeAway = ({ dataDir }: Scene, left: readonly { name: string; bytes: Buffer }[]): string[] =>
  left.flatMap(({ name, bytes }) => {
    const [found, ...log] = readdirSync(dataDir)
      .filter((other) => other.startsWith(`${name}.corrupt-`))
      .toSorted();
    if (found === undefined) return [`${name} was not set aside`];
    const isSame = readFileSync(join(dataDir, found)).equals(bytes);
    for (const file of [found, ...log]) rmSync(join(dataDir, file));
    return isSame ? [] : [`${name} was set aside with other bytes than it had`];
  });
