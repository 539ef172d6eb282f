import type { AgentDetail, Indicators, Todo } from '../../../machines/vocabulary.ts';
import { count, duration, plain } from '../format.ts';
import type { Shown } from '../monitor/apply.ts';
import { Progress } from './progress.tsx';

/** How far the agent has come, by its own list, and what it was seen to do. */
export const Doings = ({ agent, detail }: { agent: Shown; detail: AgentDetail | null }) => {
  const { progress, progressSource, indicators } = agent;
  const todos = detail?.todos ?? [];
  return (
    <section class="doings" aria-labelledby="doings-title">
      <h2 id="doings-title">Progress</h2>
      {progressSource === 'none' ? (
        <p class="hint">It keeps no list of tasks.</p>
      ) : (
        <p class="far">
          <Progress percent={progress} />{' '}
          <span class="muted">
            {progressSource === 'todos' ? 'by its own list' : 'by a file with checkboxes'}
          </span>
        </p>
      )}
      {todos.length > 0 && <Todos todos={todos} />}
      <h2>Done so far</h2>
      <dl class="counts">
        {COUNTED.map(({ field, name }) => (
          <div key={field} class="count" data-none={indicators[field] === 0}>
            <dt>{name}</dt>
            <dd class="number">
              {field === 'contemplationTime'
                ? duration(indicators[field] * 1_000)
                : indicators[field]}
            </dd>
          </div>
        ))}
      </dl>
      {detail?.indicatorsApproximate && (
        <p class="hint">About: counted on its screen, where calls may pass unseen.</p>
      )}
    </section>
  );
};

const Todos = ({ todos }: { todos: readonly Todo[] }) => (
  <ul
    class="todos"
    aria-label={`${count(todos.length, 'task')}, ${todos.filter(({ status }) => status === 'done').length} done`}
  >
    {todos.map(({ text, status }, index) => (
      <li key={`${index} ${text}`} data-status={status}>
        <span aria-hidden="true">{SIGNS[status]}</span>
        <span class="sr-only">{status}: </span>
        <span class="text">{plain(text)}</span>
      </li>
    ))}
  </ul>
);

const SIGNS: Record<Todo['status'], string> = { open: '○', 'in-progress': '▸', done: '✓' };

const COUNTED = [
  { field: 'filesRead', name: 'Files read' },
  { field: 'filesWritten', name: 'Files written' },
  { field: 'filesEdited', name: 'Files edited' },
  { field: 'bashCommands', name: 'Commands run' },
  { field: 'toolCalls', name: 'Tool calls in all' },
  { field: 'contemplationTime', name: 'Thinking' },
  { field: 'errors', name: 'Errors' },
] as const satisfies { field: keyof Indicators; name: string }[];
