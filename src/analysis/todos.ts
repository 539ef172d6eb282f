/** The agent's own task list, as far as the screen shows it. */

import type { Todo } from '../../machines/vocabulary.ts';
import type { Profile } from './profile.ts';

export interface SeenTodos {
  todos: Todo[];
  /** 0–100, or null where there is no list. */
  progress: number | null;
}

/** Reads the list below `lines`' spinner or dialog. A shortened list is counted by its summary. */
export const readTodos = (lines: readonly string[], marks: Profile['todos']): SeenTodos => {
  if (!marks) return { todos: [], progress: null };
  const todos: Todo[] = [];
  let summary: { done: number; total: number } | null = null;
  for (const line of lines) {
    const found = marks.line.exec(line)?.groups;
    if (found) todos.push({ text: (found.text ?? '').trim(), status: statusOf(found) });
    else summary ??= readSummary(marks.summary.exec(line)?.groups);
  }
  const done = todos.filter(({ status }) => status === 'done').length;
  const counted =
    summary && summary.total >= todos.length ? summary : { done, total: todos.length };
  const progress = counted.total > 0 ? Math.floor((100 * counted.done) / counted.total) : null;
  return { todos, progress };
};

const statusOf = ({ done, doing }: Record<string, string | undefined>): Todo['status'] => {
  if (done) return 'done';
  return doing ? 'in-progress' : 'open';
};

const readSummary = (groups: Record<string, string | undefined> | undefined) =>
  groups ? { done: Number(groups.done), total: Number(groups.total) } : null;
