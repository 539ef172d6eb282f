/**
 * Kills the daemon with SIGKILL again and again while commands are sent to it and typed by it, and
 * finds what became of each command: what the callers were told, what the panes were given, and what
 * the journal and the stream tell must be one story.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { EventPage } from '../actors/ports.ts';
import type { Command, MonitorEvent } from '../machines/vocabulary.ts';
import { call, commandsOf } from '../test/support/command-calls.ts';
import { startDaemon, type TestDaemon } from '../test/support/daemon.ts';
import { type RecordingAgent, startRecordingAgent } from '../test/support/recording-agent.ts';
import { startRedis } from '../test/support/redis.ts';
import { readStream } from '../test/support/relay.ts';
import { startTmux, type TestTmux } from '../test/support/tmux.ts';
import { until } from '../test/support/until.ts';
import { faultsOf, type SessionStory } from './command-faults.ts';
import { isRunning } from './mix/processes.ts';
import { createRandom, type Random } from './random.ts';
import { witnessServer } from './server-witness.ts';

export interface ChaosOptions {
  kills: number;
  sessions: number;
  /** For each session. */
  commands: number;
  /** Decides when what is sent, and when the daemon is killed. */
  seed: number;
  say(text: string): void;
}

export interface ChaosReport {
  /** How many commands ended in each way. */
  ended: Record<string, number>;
  /** How often a kill found a command in the middle of being typed. */
  interrupted: number;
  /** How often it began anew, as the tmux server had died by itself. */
  ownDeaths: number;
  /** What must not be; empty where all is well. */
  faults: string[];
}

/** Longer than any start and any delivery takes on a busy machine. */
const STANDSTILL_MS = 60_000;
const LONGEST_LIFE_MS = 1_200;
const SEND_AGAIN_MS = 50;
const LEFTOVER_MS = 2_000;

/** tmux 3.3a dies now and then, but not again and again. */
const MOST_DEATHS = 2;

/**
 * tmux 3.3a itself dies, now and then, when many control clients leave at once while one enters
 * (docs/adr/0002-watching.md), and its agents with it. What is tried here is the queue: then all of it
 * begins anew on another server. A server that was told to end is a fault.
 */
export const commandChaos = async (options: ChaosOptions): Promise<ChaosReport> => {
  for (let ownDeaths = 0; ; ownDeaths += 1) {
    await using tmux = await startTmux();
    await using witness = await witnessServer(tmux);
    const { pid } = await tmux.identity();
    const [ending] = await Promise.allSettled([killAndCompare(options, tmux)]);
    if (isRunning(pid)) {
      if (ending.status === 'rejected') throw ending.reason;
      return { ...ending.value, ownDeaths };
    }
    const how = await witness.end();
    options.say(`the tmux server ${how}: what was done on it tells nothing`);
    if (how !== 'died' || ownDeaths === MOST_DEATHS)
      throw new Error(`the tmux server ${how}, and ${ownDeaths} before it died`);
  }
};

const killAndCompare = async (
  options: ChaosOptions,
  tmux: TestTmux,
): Promise<Omit<ChaosReport, 'ownDeaths'>> => {
  const { kills, seed, say } = options;
  const random = createRandom(seed);
  await using redis = await startRedis();
  await using agents = await startAgents(tmux, options.sessions);
  // Two clients are enough for the queue, and seldom too much for the server.
  const env = { AGENT_MONITOR_CONNECTION_BUDGET: '0' };
  await using daemon = await startDaemon({ tmux, redis, env });
  for (const { session } of agents.list)
    await daemon.agent(session, ({ state }) => state === 'complete');

  const lives = Array.from({ length: kills }, () => Promise.withResolvers<void>());
  const isOver = new AbortController();
  const senders = agents.list.map(({ session }) => {
    const plan = Array.from({ length: options.commands }, () => Math.floor(random() * kills));
    const begun = plan.toSorted((a, b) => a - b).map((life) => lives[life]?.promise);
    return sendAll(daemon, session, { begun, seed, signal: isOver.signal });
  });
  const sending = Promise.all(senders);
  sending.catch(() => isOver.abort()); // Awaited below, after the last kill.
  const startedAt: number[] = [];
  try {
    for (const [life, { resolve }] of lives.entries()) {
      resolve();
      await delay(lifeOf(random));
      await killAndRestart(daemon, tmux, agents.list);
      startedAt.push(Date.now());
      say(`killed ${life + 1} of ${kills} times`);
      if (isOver.signal.aborted) break;
    }
    await sending;
  } finally {
    isOver.abort();
  }
  await untilAllEnded(daemon, agents.list);
  return await report(daemon, {
    ...{ agents: agents.list, accepted: await sending, startedAt },
    stream: async () => (await readStream(redis)).map(([, event]) => event),
  });
};

/** Many in the first moments, when what an earlier life left is being put right. */
const lifeOf = (random: Random): number =>
  random() < 0.25 ? random() * 100 : random() * LONGEST_LIFE_MS;

const startAgents = async (tmux: TestTmux, count: number) => {
  await using begun = new AsyncDisposableStack();
  const list: RecordingAgent[] = [];
  for (let number = 1; number <= count; number += 1)
    list.push(begun.use(await startRecordingAgent(tmux, { name: `agent-${number}` })));
  const ending = begun.move();
  return { list, [Symbol.asyncDispose]: () => ending.disposeAsync() };
};

/** Answers the ids of one session's commands, in the order in which they were sent. */
const sendAll = async (
  daemon: TestDaemon,
  session: string,
  sending: { begun: (Promise<void> | undefined)[]; seed: number; signal: AbortSignal },
): Promise<string[]> => {
  const ids: string[] = [];
  for (const [index, life] of sending.begun.entries()) {
    await life;
    ids.push(await sendSurely(daemon, session, { ...sending, index }));
  }
  return ids;
};

/** As a careful caller does: until it is answered, always under the same key. */
const sendSurely = async (
  daemon: TestDaemon,
  session: string,
  { index, seed, signal }: { index: number; seed: number; signal: AbortSignal },
): Promise<string> => {
  const body = { command: textOf(session, index), source: 'chaos' };
  const key = { 'idempotency-key': `${seed} ${session} ${index}` };
  for (;;) {
    signal.throwIfAborted();
    const path = `/api/agents/${session}/command`;
    // No answer: the daemon is dead, or died of it.
    const response = await call(daemon, 'POST', path, body, key).catch(() => null);
    const answer = await response?.text().catch(() => null);
    if (response?.status === 202 && answer) return (JSON.parse(answer) as { id: string }).id;
    const isPassing = response === null || response.status === 202 || response.status === 429;
    if (!isPassing) throw new Error(`${session}: ${response?.status} ${answer}`);
    await delay(SEND_AGAIN_MS);
  }
};

/** No text is a part of another. */
const textOf = (session: string, index: number): string => `do #${index} of ${session}.`;

const killAndRestart = async (
  daemon: TestDaemon,
  tmux: TestTmux,
  agents: readonly RecordingAgent[],
): Promise<void> => {
  await daemon.end('SIGKILL');
  await untilCarriedOut(tmux);
  for (const agent of agents) await clearAsAPerson(agent);
  await daemon.start();
};

/**
 * The server may still carry out what the daemon had asked for while it has the daemon's clients. A
 * client that was just being started can outlive the daemon, until the next start ends it.
 */
const untilCarriedOut = async (tmux: TestTmux): Promise<void> => {
  const end = Date.now() + LEFTOVER_MS;
  while ((await tmux.run('list-clients')) !== '' && Date.now() < end) await delay(20);
};

/** What a crash left in a composer holds back the rest until a person takes it away. */
const clearAsAPerson = async (agent: RecordingAgent): Promise<void> => {
  if (draftOf(agent) !== '') await agent.clear();
};

const draftOf = ({ records }: RecordingAgent): string =>
  records().reduce(
    (draft, { did, text }) => (did === 'paste' || did === 'key' ? draft + text : ''),
    '',
  );

const untilAllEnded = async (
  daemon: TestDaemon,
  agents: readonly RecordingAgent[],
): Promise<void> => {
  for (const agent of agents) {
    let before = '';
    let changedAt = Date.now();
    for (;;) {
      const open = (await commandsOf(daemon, agent.session)).filter(isOpen);
      if (open.length === 0) break;
      const now = JSON.stringify(open.map(({ id, status }) => [id, status]));
      const isHeld = now === before && open.every(({ status }) => status === 'queued');
      if (now !== before) changedAt = Date.now();
      before = now;
      if (Date.now() - changedAt > STANDSTILL_MS)
        throw new Error(`${agent.session} stands still: ${now}, with "${draftOf(agent)}"`);
      // Nothing was begun meanwhile, so what stands there was left.
      if (isHeld) await clearAsAPerson(agent);
      await delay(200);
    }
  }
};

const isOpen = ({ status }: Command): boolean => status === 'queued' || status === 'sending';

const report = async (
  daemon: TestDaemon,
  run: {
    agents: readonly RecordingAgent[];
    accepted: readonly string[][];
    startedAt: readonly number[];
    stream(): Promise<MonitorEvent[]>;
  },
): Promise<Omit<ChaosReport, 'ownDeaths'>> => {
  const sessions: SessionStory[] = [];
  for (const [index, agent] of run.agents.entries()) {
    const { session } = agent;
    const accepted = run.accepted[index] ?? [];
    const commands = await commandsOf(daemon, session);
    sessions.push({ session, accepted, commands, records: agent.records() });
  }
  const journal = await until('every command has its events', async () => {
    const events = await allEvents(daemon);
    const told = new Set(events.flatMap(({ event, id }) => (isFinalEvent(event) ? [id] : [])));
    const isTold = sessions.every(({ commands }) => commands.every(({ id }) => told.has(id)));
    return isTold ? events : null;
  });
  const last = journal.at(-1)?.seq ?? 0;
  const stream = await until('the stream has what the journal has', async () => {
    const events = (await run.stream()).filter(({ seq }) => seq <= last);
    return events.at(-1)?.seq === last ? events : null;
  });
  const all = sessions.flatMap(({ commands }) => commands);
  return {
    ended: Object.fromEntries(
      [...Map.groupBy(all, wayOf)].map(([way, { length }]) => [way, length]),
    ),
    interrupted: all.filter(({ error }) => error === 'interrupted').length,
    faults: faultsOf({ sessions, journal, stream, startedAt: run.startedAt }),
  };
};

const wayOf = ({ status, evidence, error }: Command): string => `${status} (${error ?? evidence})`;

const isFinalEvent = (event: string): boolean =>
  event.startsWith('command_') && event !== 'command_queued';

const allEvents = async (daemon: TestDaemon): Promise<MonitorEvent[]> => {
  const events: MonitorEvent[] = [];
  for (;;) {
    const after = events.at(-1)?.seq ?? 0;
    const page = await daemon.get<EventPage>(`/api/events?limit=1000&after=${after}`);
    if (page.events.length === 0) return events;
    events.push(...page.events);
  }
};
