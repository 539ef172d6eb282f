import type Database from 'better-sqlite3';
import type { Clock, Log, Stop, StoredCommand } from '../../actors/ports.ts';
import type { CommandEvents } from './command-events.ts';
import type { CommandRows, Ending } from './command-rows.ts';
import type { CommandTally } from './command-tally.ts';
import { type CommitTold, timeCommits } from './commit-time.ts';
import { isPassing, storeFailed } from './failure.ts';

type Unended = 'queued' | 'sending';

/**
 * The changes of status after the acceptance. Each is one transaction of its own, conditional on the
 * status before, and on disk when the call returns.
 * @throws {StoreFailed} with nothing changed.
 */
export interface CommandChanges {
  /** Null, as below, where the command is in another status. */
  begin(id: string): StoredCommand | null;
  putBack(id: string): StoredCommand | null;
  /** Ends those that are in status `from`, and answers them. */
  end(ids: string[], from: Unended, ending: Ending): StoredCommand[];
  resolve(id: string, resolution: string): StoredCommand | null;
  /** Calls back with each command whose status has changed, after the commit. */
  onChange(listener: (command: StoredCommand) => void): Stop;
  /** Tells of commands that have just been accepted. */
  accepted(commands: StoredCommand[]): void;
}

export const createChanges = (options: {
  sql: Database.Database;
  rows: CommandRows;
  events: CommandEvents;
  tally: CommandTally;
  clock: Clock;
  log: Log;
  /** There are new events to be moved. */
  wakeMover: () => void;
  commitTold?: CommitTold | undefined;
}): CommandChanges => {
  const { sql, rows, events, tally, clock, log, wakeMover } = options;
  const listeners = new Set<(command: StoredCommand) => void>();
  const timed = timeCommits(clock, options.commitTold);
  const transaction = sql.transaction((write: () => unknown) => write());

  const atOnce = <Result>(write: () => Result): Result => {
    try {
      return timed(() => transaction.immediate(write)) as Result;
    } catch (error) {
      throw isPassing(error) ? storeFailed(sql.name, error) : error;
    }
  };

  const tell = (command: StoredCommand): void => {
    for (const listener of listeners) tellOne(listener, command, log);
  };

  const moved = (command: StoredCommand | null, from: Unended): StoredCommand | null => {
    if (!command) return null;
    tally.move(command.key, from, command.status);
    tell(command);
    return command;
  };

  const endOne = (id: string, from: Unended, ending: Ending, at: number): StoredCommand[] => {
    const ended = rows.end(id, from, ending, at);
    if (!ended) return [];
    events.add('final', ended, at);
    return [ended];
  };

  return {
    begin: (id) =>
      moved(
        atOnce(() => rows.begin(id, clock.now())),
        'queued',
      ),
    putBack: (id) => {
      // Told to nobody: who serves the queue has just put it there, and would begin it at once again.
      const command = atOnce(() => rows.putBack(id));
      if (command) tally.move(command.key, 'sending', command.status);
      return command;
    },
    end: (ids, from, ending) => {
      if (ids.length === 0) return [];
      const at = clock.now();
      const ended = atOnce(() => ids.flatMap((id) => endOne(id, from, ending, at)));
      for (const { key, status } of ended) tally.move(key, from, status);
      wakeMover();
      ended.forEach(tell);
      return ended;
    },
    resolve: (id, resolution) => {
      const resolved = atOnce(() => {
        const command = rows.resolve(id, resolution);
        if (command) events.add('resolved', command, clock.now());
        return command;
      });
      wakeMover();
      return resolved;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    accepted: (commands) => {
      wakeMover();
      commands.forEach(tell);
    },
  };
};

/** What a listener does wrong is its own loss: the change is committed, and the others want it. */
const tellOne = (
  listener: (command: StoredCommand) => void,
  command: StoredCommand,
  log: Log,
): void => {
  try {
    listener(command);
  } catch (err) {
    log.error({ err, id: command.id }, 'a listener to changed commands failed');
  }
};
