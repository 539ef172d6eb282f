import type { AgentRow, Clock, Journal, Log, Stop } from '../../actors/ports.ts';
import type { EventDraft, MonitorEvent } from '../../machines/vocabulary.ts';
import { type AgentColumns, createAgentRows, fromColumns, toColumns } from './agent-rows.ts';
import type { AgentDatabase } from './database.ts';
import { composeEvent, parseBody } from './events.ts';
import type { GroupCommit } from './group-commit.ts';
import { createSnapshots } from './snapshots.ts';
import { createWaiting } from './waiting.ts';

const MAX_WAITING_EVENTS = 10_000;

export interface AgentJournal extends Journal {
  /** Committed rows of the sessions that have, or had, this name. */
  named(session: string): AgentRow[];
  /** Calls back after each commit with the events just committed. */
  onCommit(listener: (events: MonitorEvent[]) => void): Stop;
  /** The fields of the event that came from this origin; null where none did. */
  told(origin: string): Record<string, unknown> | null;
  /** From now on each commit takes in what the source has. */
  takeFrom(source: EventSource): Intake;
}

/** Where events are kept until they stand in the journal. */
interface EventSource {
  /** Some that may not stand there yet, in order. Asked anew with each try to commit. */
  pending(): OriginalEvent[];
  /** What `pending` answered last is on disk. */
  committed(): void;
}

/** An event that is committed once, however often its source brings it. */
interface OriginalEvent {
  origin: string;
  draft: EventDraft;
}

interface Intake {
  /** The source has something: commit it. */
  ask(): void;
  stop: Stop;
}

interface WaitingEvent {
  draft: EventDraft;
  body: string;
}

/**
 * The journal: states, snapshots and events, committed together. A session's row and snapshot wait
 * as their latest only. While nothing can be written, the newest 10,000 events wait; older ones are
 * dropped and never told, and the log says how many.
 */
export const createJournal = (options: {
  database: AgentDatabase;
  commits: GroupCommit;
  clock: Clock;
  log: Log;
  /** The shape of the machines' snapshots: one stored under another version is not given back. */
  snapshotVersion: number;
}): AgentJournal => {
  const { database, commits, clock, log, snapshotVersion } = options;
  const { sql } = database;
  const stored = { rows: createAgentRows(sql), snapshots: createSnapshots(sql, snapshotVersion) };
  const insertEvent = sql.prepare(
    'INSERT INTO events (at, event, session, body, origin) VALUES (?, ?, ?, ?, ?)',
  );
  const selectOrigin = sql
    .prepare<[string], string>('SELECT body FROM events WHERE origin = ?')
    .pluck();

  const selectConnection = sql
    .prepare<[string], string>('SELECT connection FROM agent_state WHERE key = ?')
    .pluck();

  const rows = new Map<string, AgentColumns>();
  const snapshots = new Map<string, string>();
  const events = createWaiting<WaitingEvent>(MAX_WAITING_EVENTS);
  const sources = new Set<EventSource>();
  const listeners = new Set<(events: MonitorEvent[]) => void>();
  let committed: MonitorEvent[] = [];

  const queue = (waiting: WaitingEvent[]): void => {
    for (const event of waiting) events.push(event);
  };

  const insert = ({ draft, body }: WaitingEvent, origin: string | null): MonitorEvent => {
    const { timestamp, event, session } = draft;
    const { lastInsertRowid } = insertEvent.run(timestamp, event, session, body, origin);
    return composeEvent(draft, Number(lastInsertRowid), database);
  };

  /** Looks first: an insert that a conflict stops would use up a seq. */
  const takeIn = (source: EventSource): MonitorEvent[] =>
    source
      .pending()
      .filter(({ origin }) => selectOrigin.get(origin) === undefined)
      .map(({ origin, draft }) => insert(prepare(draft), origin));

  commits.join({
    write: () => {
      for (const columns of rows.values()) stored.rows.write(columns);
      for (const [key, json] of snapshots) stored.snapshots.write(key, json);
      committed = events.all().map((event) => insert(event, null));
      for (const source of sources) committed.push(...takeIn(source));
    },
    committed: () => {
      const dropped = events.dropped();
      if (dropped > 0) log.error({ dropped }, 'events were dropped: too many waited for the disk');
      rows.clear();
      snapshots.clear();
      events.clear();
      for (const source of sources) source.committed();
    },
    tell: () => {
      if (committed.length === 0) return;
      for (const listener of listeners) tellOne(listener, committed, log);
    },
    waiting: () => describe(events.all().length, events.dropped()),
  });

  /** No event tells it, but whoever asks how a session is watched is to be told the truth. */
  const isWatchedAnew = ({ key, connection }: AgentRow): boolean => {
    const before = rows.get(key)?.connection ?? selectConnection.get(key);
    return before !== undefined && before !== connection;
  };

  return {
    record: ({ row, snapshot, events: drafts }) => {
      const isUrgent = drafts.length > 0 || isWatchedAnew(row);
      const columns = toColumns(row, clock.now());
      const json = JSON.stringify(snapshot ?? null);
      const waiting = drafts.map(prepare);
      rows.set(row.key, columns);
      snapshots.set(row.key, json);
      queue(waiting);
      commits.ask(isUrgent ? 'now' : 'soon');
    },
    announce: (drafts) => {
      queue(drafts.map(prepare));
      commits.ask('now');
    },
    snapshot: (key) => {
      const waiting = snapshots.get(key);
      return waiting === undefined ? stored.snapshots.read(key) : JSON.parse(waiting);
    },
    row: (key) => {
      const waiting = rows.get(key);
      return waiting === undefined ? stored.rows.read(key) : fromColumns(waiting);
    },
    rows: stored.rows.all,
    named: stored.rows.named,
    onCommit: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    told: (origin) => {
      const body = selectOrigin.get(origin);
      return body === undefined ? null : parseBody(body);
    },
    takeFrom: (source) => {
      sources.add(source);
      return {
        ask: () => commits.ask('now'),
        stop: () => {
          sources.delete(source);
        },
      };
    },
  };
};

/** @throws {TypeError} for an event that cannot be stored, into the one who made it. */
const prepare = (draft: EventDraft): WaitingEvent => {
  const { event, session, timestamp, ...body } = draft;
  if ([event, session].some((text) => typeof text !== 'string') || !Number.isInteger(timestamp)) {
    throw new TypeError(`event ${event} has session ${session} and timestamp ${timestamp}`);
  }
  return { draft, body: JSON.stringify(body) };
};

/** What a listener does wrong is its own loss: the events are committed, and the others want them. */
const tellOne = (
  listener: (events: MonitorEvent[]) => void,
  events: MonitorEvent[],
  log: Log,
): void => {
  try {
    listener(events);
  } catch (err) {
    log.error({ err, first: events[0]?.seq }, 'a listener to committed events failed');
  }
};

const describe = (count: number, dropped: number): string => {
  if (count === 0) return '';
  return dropped === 0 ? `${count} events` : `${count} events (${dropped} dropped)`;
};
