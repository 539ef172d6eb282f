/** Progress by a file in the agent's folder, for agents that show no task list of their own. */

import type { SessionContext } from './session-context.ts';

/** A file's checkboxes count where the agent has shown no task list of its own. */
export const specRead = (
  { progressSource, turn, reason }: SessionContext,
  spec: number | null,
): Partial<SessionContext> => {
  if (progressSource === 'todos' || (spec === null && progressSource === 'none')) return { spec };
  // A finished turn is complete again when the file that said otherwise is gone.
  const isDone = spec === null && turn === 'none' && reason === 'done';
  return isDone ? { spec, progress: 100, progressSource: 'none' } : withoutTodos(spec);
};

/** Where the progress stands before the agent shows a list. */
export const withoutTodos = (
  spec: number | null,
): Pick<SessionContext, 'spec' | 'progress' | 'progressSource'> =>
  spec === null
    ? { spec, progress: 0, progressSource: 'none' }
    : { spec, progress: spec, progressSource: 'spec' };
