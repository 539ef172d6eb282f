/** `list`, `show` and `log`: what the monitor knows of its agents, for a person to read. */

import type {
  Agent,
  AgentDetail,
  Attention,
  Dialog,
  DialogOption,
  State,
  Todo,
} from '../../machines/vocabulary.ts';
import type { Client } from '../client.ts';
import { ago, jsonText, printable, type Terminal, table } from './terminal.ts';

export interface Tools {
  api: Client;
  terminal: Terminal;
  now(): number;
}

export const list = async (
  { api, terminal, now }: Tools,
  { json, ...filter }: { json?: boolean; state?: State; kind?: string; attention?: Attention },
): Promise<void> => {
  const answer = await api.listAgents(filter);
  if (json) return terminal.out(`${jsonText(answer)}\n`);
  const { agents } = answer;
  if (agents.length === 0) return terminal.out('No agents.\n');
  const rows = agents.map((agent) => [
    agent.session,
    agent.kind,
    agent.connection === 'gone' ? 'gone' : agent.state,
    ago(agent.since, now()),
    agent.attention === 'none' ? '-' : agent.attention,
    progressOf(agent),
    agent.reason,
  ]);
  await terminal.out(
    table([['SESSION', 'KIND', 'STATE', 'FOR', 'WANTS', 'PROGRESS', 'REASON'], ...rows]),
  );
};

export const show = async (
  { api, terminal, now }: Tools,
  session: string,
  { json }: { json?: boolean },
): Promise<void> => {
  const agent = await api.getAgent(session);
  if (json) return terminal.out(`${jsonText(agent)}\n`);
  const { indicators: counted } = agent;
  const rows = [
    ['session', agent.session],
    ['kind', agent.kind],
    ['state', `${agent.state} for ${ago(agent.since, now())}`],
    ['reason', agent.reason],
    ['rule', agent.rule || '-'],
    ['evidence', agent.evidence || '-'],
    ['attention', agent.attention + (agent.dialog?.rule ? ` (${agent.dialog.rule})` : '')],
    ['progress', progressOf(agent)],
    [
      'counted',
      `${counted.filesRead} read, ${counted.filesWritten} written, ${counted.filesEdited} edited, ` +
        `${counted.bashCommands} commands, ${counted.toolCalls} tool calls, ` +
        `${counted.contemplationTime} s thought, ${counted.errors} errors`,
    ],
    ['active', `${ago(agent.lastActivity, now())} ago`],
    ['pane', `${agent.pane} (${agent.connection})`],
    ['folder', agent.cwd],
    ['title', agent.title || '-'],
    ['queued', String(agent.queued)],
  ];
  await terminal.out(table(rows) + dialogText(agent) + todosText(agent.todos) + historyText(agent));
};

/** Of all sessions, and of what was done to none, where none is named. */
export const log = async (
  { api, terminal }: Tools,
  session: string | undefined,
  { json, limit }: { json?: boolean; limit: number },
): Promise<void> => {
  const answer = await (session === undefined
    ? api.listInteractions({ limit })
    : api.getLog(session, { limit }));
  if (json) return terminal.out(`${jsonText(answer)}\n`);
  if (answer.log.length === 0) return terminal.out('Nothing was done yet.\n');
  // The API gives the newest first; on a terminal that belongs at the bottom.
  const rows = answer.log.toReversed().map((entry) => {
    const { at, source, action, detail, text } = entry;
    const about = text === '' ? detail : `${JSON.stringify(text)}  ${detail}`;
    const named = session === undefined ? [entry.session ?? '-'] : [];
    return [timeOf(at), ...named, source, action, about];
  });
  await terminal.out(table(rows));
};

/** `2026-11-22 16:03:36`, local time. */
export const timeOf = (at: number): string => {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace('T', ' ');
};

/** The options with the id that answers each, below the question. */
export const dialogText = ({ dialog }: { dialog: Pick<Dialog, 'question' | 'options'> | null }) => {
  if (!dialog) return '';
  const options = dialog.options.map((option) => [' ', option.id, optionText(option)]);
  return `\n${printable(dialog.question)}\n${table(options)}`;
};

const optionText = ({ label, description, preselected, ...option }: DialogOption): string => {
  const { ticked, takesText, inTerminal } = option;
  const box = ticked === undefined ? '' : ticked ? '[x] ' : '[ ] ';
  const notes = [
    preselected && 'preselected',
    takesText && 'with --text',
    inTerminal && 'in its terminal only',
  ].filter((note) => typeof note === 'string');
  const about = description === undefined ? '' : `: ${description}`;
  return `${box}${label}${about}${notes.length > 0 ? `  (${notes.join(', ')})` : ''}`;
};

const progressOf = ({ progress, progressSource }: Agent): string =>
  progressSource === 'none' ? '-' : `${progress}% (${progressSource})`;

const MARKS: Record<Todo['status'], string> = { open: '[ ]', 'in-progress': '[>]', done: '[x]' };

const todosText = (todos: readonly Todo[]): string =>
  todos.length === 0 ? '' : `\n${table(todos.map(({ text, status }) => [MARKS[status], text]))}`;

const historyText = ({ transitions }: AgentDetail): string => {
  if (transitions.length === 0) return '';
  const rows = transitions.map(({ at, prevState, state, reason, evidence }) => [
    timeOf(at),
    `${prevState ?? '-'} > ${state}`,
    reason,
    evidence,
  ]);
  return `\n${table(rows)}`;
};
