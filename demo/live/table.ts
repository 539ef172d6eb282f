/** What the demo prints: a table of the agents now, or a line for each thing that happened. */

import type { Agent, MonitorEvent } from '../../machines/vocabulary.ts';

/** The agents by name, one row each, cut to `width` columns. */
export const tableOf = (agents: readonly Agent[], now: number, width: number): string[] => {
  const rows = [...agents]
    .sort((one, other) => one.session.localeCompare(other.session))
    .map((agent) => rowOf(agent, now));
  const columns = HEADINGS.map((heading, i) =>
    Math.max(heading.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(columns[i] ?? 0))
      .join('  ')
      .trimEnd()
      .slice(0, width);
  const colours = rows.map((row) => COLOURS[row[1] ?? ''] ?? '');
  return [
    `\x1b[2m${line(HEADINGS)}\x1b[0m`,
    ...rows.map((row, i) => `${colours[i]}${line(row)}\x1b[0m`),
  ];
};

/** One line for an event a person would want to know of, or null. */
export const lineOf = (event: MonitorEvent): string | null => {
  const at = new Date(event.timestamp).toTimeString().slice(0, 8);
  const said = (text: string): string => `${at}  ${event.session.padEnd(10)}  ${text}`;
  switch (event.event) {
    case 'state_change': {
      const { prevState, state, reason } = event;
      return said(`${prevState ?? 'first seen'} → ${state} (${reason})`);
    }
    case 'attention_change':
      return said(event.attention === 'none' ? 'was answered' : `waits: ${event.attention}`);
    case 'progress':
      return event.progressSource === 'none' ? null : said(`${event.progress} % done`);
    case 'session_gone':
      return said('is gone');
    default:
      return null;
  }
};

const rowOf = (agent: Agent, now: number): string[] => [
  agent.session,
  agent.state,
  agent.since === null ? '' : time(now - agent.since),
  agent.attention === 'none' ? '' : agent.attention,
  agent.progressSource === 'none' ? '' : `${agent.progress} %`,
  agent.reason,
];

/** `8s`, `2m 05s`. */
const time = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`;
};

const HEADINGS = ['SESSION', 'STATE', 'FOR', 'WAITS FOR', 'PROGRESS', 'REASON'];

/** The rows' colours by state. */
const COLOURS: Record<string, string> = {
  reading: '\x1b[36m',
  working: '\x1b[34m',
  stuck: '\x1b[33m',
  error: '\x1b[31m',
  complete: '\x1b[32m',
};
