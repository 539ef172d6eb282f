/** How commands end, for people. */

import type { Command, Hold } from '../../../machines/vocabulary.ts';
import { get, Problem } from './api.ts';
import { hear } from './feed.ts';

/** A command as the API tells it. */
export interface ToldCommand extends Command {
  /** What holds it back; null where nothing does, that is not known yet, or it has ended. */
  held: Hold | null;
}

/**
 * The command once it has ended, however long that takes: its events say when to ask, and a new
 * connection, before which they may have come.
 * @throws {Problem}
 */
export const waitForEnd = (id: string): Promise<ToldCommand> => {
  const { promise, resolve, reject } = Promise.withResolvers<ToldCommand>();
  const ask = async (): Promise<void> => {
    try {
      const command = await get<ToldCommand>(`/api/commands/${encodeURIComponent(id)}`);
      if (!isOpen(command)) resolve(command);
    } catch (error) {
      // One that is not answered is asked for again when the monitor is back.
      if (!(error instanceof Problem) || error.status !== 0) reject(error);
    }
  };
  const stop = hear((message) => {
    const isAbout = message.type === 'event' && (message as { id?: unknown }).id === id;
    if (isAbout || message.type === 'connected') void ask();
  });
  void ask();
  return promise.finally(stop);
};

export const isOpen = ({ status }: Pick<Command, 'status'>): boolean =>
  status === 'queued' || status === 'sending';

/** What became of it, and what to do where that is not all well. */
export const describeEnd = ({ status, error, held }: ToldCommand): string => {
  const why = error === null ? '' : ` (${error.replaceAll('_', ' ')})`;
  switch (status) {
    case 'queued':
      return held === null ? 'waits for its turn' : `waits ${HOLDS[held]}`;
    case 'sending':
      return 'is being typed';
    case 'sent':
      return 'typed and submitted';
    case 'failed':
      return `Not submitted${why}.`;
    case 'unknown':
      return `Nobody can say whether it was submitted${why}: look at the terminal before you try again.`;
    case 'expired':
      return 'Not typed: it waited too long.';
    case 'cancelled':
      return 'Not typed: it was cancelled.';
  }
};

/** What each waits for, after "waits". */
const HOLDS: Record<Hold, string> = {
  'typing-off': 'for the monitor, which types nothing now: its health page says why',
  'not-watched': 'until an agent is watched in its pane',
  'not-judged': 'until the agent shows something',
  'pane-unreadable': 'until its screen can be read',
  'dialog-open': 'until the open dialog is answered',
  busy: 'for the end of its turn',
  'draft-in-composer': 'until somebody’s draft is gone from its input box',
  'composer-not-seen': 'until its input box is on the screen',
  'another-first': 'for the one before it',
};
