/** How commands end, for people. */

import type { Command, Hold } from '../../../machines/vocabulary.ts';
import { get } from './api.ts';

/** A command as the API tells it. */
export interface ToldCommand extends Command {
  /** What holds it back; null where nothing does, that is not known yet, or it has ended. */
  held: Hold | null;
}

const WAIT_SECONDS = 30;

/**
 * The command once it has ended, however long that takes.
 * @throws {Problem}
 */
export const waitForEnd = async (id: string): Promise<ToldCommand> => {
  for (;;) {
    const path = `/api/commands/${encodeURIComponent(id)}`;
    const command = await get<ToldCommand>(path, { wait: WAIT_SECONDS });
    if (!isOpen(command)) return command;
  }
};

export const isOpen = ({ status }: Pick<Command, 'status'>): boolean =>
  status === 'queued' || status === 'sending';

/** What became of it, and what to do where that is not all well. */
export const describeEnd = ({ status, error, held }: ToldCommand): string => {
  const why = error === null ? '' : ` (${error.replaceAll('_', ' ')})`;
  switch (status) {
    case 'queued':
      return held === null ? 'waits for its turn' : `waits: ${HOLDS[held]}`;
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

const HOLDS: Record<Hold, string> = {
  'typing-off': 'the monitor types nothing at the moment, its health page says why',
  'not-watched': 'no agent is watched in its pane',
  'not-judged': 'the agent shows nothing yet',
  'pane-unreadable': 'its screen cannot be read',
  'dialog-open': 'a dialog is open and to be answered first',
  busy: 'for the end of its turn',
  'draft-in-composer': 'somebody’s draft stands in its input box',
  'composer-not-seen': 'its input box is not on the screen',
  'another-first': 'for the one before it',
};
