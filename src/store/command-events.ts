import type Database from 'better-sqlite3';
import type { StoredCommand } from '../../actors/ports.ts';
import type { CommandStatus, EventName } from '../../machines/vocabulary.ts';

/** What a command is told about: each occasion comes once in its life. */
type Occasion = 'queued' | 'final' | 'resolved';

/** Writes what is to be told, in the transaction that makes it true. */
export interface CommandEvents {
  add(occasion: Occasion, command: StoredCommand, at: number): void;
}

const MAX_TEXT_BYTES = 4096;

export const createCommandEvents = (sql: Database.Database): CommandEvents => {
  const insert = sql.prepare<[string, Occasion, number, EventName, string, string]>(
    `INSERT INTO pending_events (command_id, occasion, at, event, session, body)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  return {
    add: (occasion, command, at) => {
      const name = occasion === 'resolved' ? 'command_resolved' : eventOf(command.status);
      const body = JSON.stringify(bodyOf(command));
      insert.run(command.id, occasion, at, name, command.session, body);
    },
  };
};

const eventOf = (status: CommandStatus): EventName => {
  if (status === 'sending') throw new Error('that a command is being typed is not told');
  return `command_${status}`;
};

const bodyOf = (command: StoredCommand): object => ({
  id: command.id,
  jobId: command.id,
  command: cutText(command.command),
  source: command.source,
  action: command.act.action,
  when: command.when,
  status: command.status,
  evidence: command.evidence,
  attempts: command.attempts,
  ...(command.error === null ? {} : { error: command.error }),
  ...(command.retryOf === null ? {} : { retryOf: command.retryOf }),
  ...(command.resolution === null ? {} : { resolution: cutText(command.resolution) }),
});

/** The text, or as many of its first characters as go into 4 KB of UTF-8 with an ellipsis. */
const cutText = (text: string): string => {
  if (Buffer.byteLength(text) <= MAX_TEXT_BYTES) return text;
  const kept = Buffer.from(text).subarray(0, MAX_TEXT_BYTES - Buffer.byteLength('…'));
  // Streaming leaves out a character whose bytes were cut apart.
  return `${new TextDecoder('utf-8', { ignoreBOM: true }).decode(kept, { stream: true })}…`;
};
