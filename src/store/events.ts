import type { EventPage, EventQuery } from '../../actors/ports.ts';
import type {
  EventDraft,
  EventName,
  MonitorEvent,
  State,
  Transition,
} from '../../machines/vocabulary.ts';
import type { AgentDatabase } from './database.ts';

export interface Events {
  /** Events after `seq` in order, at most `limit`. */
  after(seq: number, limit: number): MonitorEvent[];
  /** One page in order, from the oldest kept event where `after` is not given. */
  page(query: EventQuery): EventPage;
  /** The last `limit` changes of state of the sessions that had this name, oldest first. */
  transitions(session: string, limit: number): Transition[];
  /** The seq of the last committed event, though it may be deleted by now; 0 before the first. */
  last(): number;
  /** The seq of the oldest event still kept, or 0 where none is. */
  oldest(): number;
}

/** Reads the journal's committed events. */
export const createEvents = (database: AgentDatabase): Events => {
  const { sql } = database;
  const selectAfter = sql.prepare<[number, number], EventColumns>(
    'SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?',
  );
  const selectTransitions = sql.prepare<[string, number], EventColumns>(
    `SELECT * FROM events WHERE session = ? AND event = 'state_change' ORDER BY seq DESC LIMIT ?`,
  );
  const selectLast = sql
    .prepare<[], number>(`SELECT seq FROM sqlite_sequence WHERE name = 'events'`)
    .pluck();
  const selectOldest = sql.prepare<[], number | null>('SELECT min(seq) FROM events').pluck();
  const selectTime = sql
    .prepare<[number], number>('SELECT at FROM events WHERE seq >= ? ORDER BY seq LIMIT 1')
    .pluck();
  const pages = new Map<string, ReturnType<typeof preparePage>>();

  const toEvent = (columns: EventColumns): MonitorEvent =>
    composeEvent(toDraft(columns), columns.seq, database);
  const last = (): number => selectLast.get() ?? 0;
  const oldest = (): number => selectOldest.get() ?? 0;

  /**
   * The seq of the last event before that time, found by halves since events are in the order of
   * their times; where the clock was set back, of one near it.
   */
  const lastBefore = (at: number): number => {
    let [low, high] = [Math.max(0, oldest() - 1), last()];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((selectTime.get(middle) ?? Number.POSITIVE_INFINITY) < at) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  const select = (query: EventQuery & { before?: number }): EventColumns[] => {
    const { limit, session, sessions, event, since, before = NO_END } = query;
    if (sessions !== undefined) return selectOfEach(sessions, query);
    const after = Math.max(query.after ?? 0, since === undefined ? 0 : lastBefore(since));
    const all = (...conditions: string[]): EventColumns[] => {
      const where = ['seq > @after AND seq < @before', ...conditions].join(' AND ');
      const statement = pages.get(where) ?? preparePage(sql, where);
      pages.set(where, statement);
      return statement.all({ after, before, limit: limit + 1, session, event });
    };
    const named = event === undefined ? [] : ['event = @event'];
    if (session === undefined) return all(...named);
    const own = all('session = @session', ...named);
    if ((event ?? RENAMED) !== RENAMED) return own;
    // Whoever asks for a name is told where it has gone.
    return firstOf([...own, ...all(IS_RENAMED_AWAY)], limit + 1);
  };

  /** Each by its index: a query for all would read every event of others, or sort all of theirs. */
  const selectOfEach = (sessions: readonly string[], query: EventQuery): EventColumns[] => {
    const { sessions: _sessions, ...rest } = query;
    let first: EventColumns[] = [];
    for (const session of new Set(sessions)) {
      const before = first[query.limit]?.seq ?? NO_END;
      first = firstOf([...first, ...select({ ...rest, session, before })], query.limit + 1);
    }
    return first;
  };

  return {
    last,
    oldest,
    after: (seq, limit) => selectAfter.all(seq, limit).map(toEvent),
    transitions: (session, limit) =>
      selectTransitions.all(session, limit).reverse().map(toTransition),
    page: (query) => {
      const found = select(query);
      const events = found.slice(0, query.limit).map(toEvent);
      return {
        epoch: database.epoch,
        events,
        count: events.length,
        next: found.length > query.limit ? (events.at(-1)?.seq ?? null) : null,
        reset:
          query.after !== undefined &&
          ((query.epoch ?? database.epoch) !== database.epoch ||
            isOutside(query.after, oldest(), last())),
      };
    },
  };
};

/** The committed event, with its fields in the one order that every channel shows. */
export const composeEvent = (
  draft: EventDraft,
  seq: number,
  { epoch, host }: { epoch: string; host: string },
): MonitorEvent => {
  const { event, session, timestamp, ...body } = draft;
  return { event, session, timestamp, seq, epoch, host, ...body };
};

/**
 * One that the disk has garbled since it was written says so: the others, and those who read on, are
 * not to suffer from it.
 */
export const parseBody = (body: string): Record<string, unknown> => {
  try {
    return JSON.parse(body);
  } catch {
    return { damaged: true };
  }
};

interface EventColumns {
  seq: number;
  at: number;
  event: string;
  session: string;
  body: string;
}

const RENAMED: EventName = 'session_renamed';
const IS_RENAMED_AWAY = `event = '${RENAMED}' AND json_valid(body) AND json_extract(body, '$.previousSession') = @session`;

/** The first of them by seq, each once. */
const firstOf = (all: readonly EventColumns[], limit: number): EventColumns[] =>
  [...new Map(all.map((columns) => [columns.seq, columns])).values()]
    .sort((one, other) => one.seq - other.seq)
    .slice(0, limit);

const NO_END = Number.MAX_SAFE_INTEGER;

interface PageParameters {
  after: number;
  before: number;
  limit: number;
  session: string | undefined;
  event: string | undefined;
}

const preparePage = (sql: AgentDatabase['sql'], where: string) =>
  sql.prepare<[PageParameters], EventColumns>(
    `SELECT * FROM events WHERE ${where} ORDER BY seq LIMIT @limit`,
  );

/** Whoever stopped at `after` missed deleted events, or counts in another database's numbers. */
const isOutside = (after: number, oldest: number, last: number): boolean =>
  after > last || after < (oldest === 0 ? last : oldest - 1);

const toDraft = ({ at, event, session, body }: EventColumns): EventDraft => ({
  event: event as EventName,
  session,
  timestamp: at,
  ...parseBody(body),
});

const toTransition = (columns: EventColumns): Transition => {
  const { prevState, state, reason, evidence } = parseBody(columns.body);
  return {
    seq: columns.seq,
    at: columns.at,
    prevState: (prevState ?? null) as State | null,
    state: state as State,
    reason: String(reason ?? ''),
    evidence: String(evidence ?? ''),
  };
};
