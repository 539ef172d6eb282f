/** What the monitor says over its WebSocket, as docs/api.md has it. */

import type { Agent, MonitorEvent } from '../../../machines/vocabulary.ts';

/** A pane's grid: each row is text with colours (`ESC [ … m`) and nothing else. */
export interface Screen {
  title: string;
  width: number;
  height: number;
  cursor: { x: number; y: number; visible: boolean };
  rows: string[];
}

/** Events that were committed together. */
export interface Batch {
  type: 'events';
  events: MonitorEvent[];
}

export type Message =
  | { type: 'connected'; version: string; scope: 'full' | 'read'; epoch: string; seq: number }
  | { type: 'snapshot'; epoch: string; seq: number; agents: Agent[] }
  | ({ type: 'event' } & MonitorEvent)
  | { type: 'reset'; epoch: string; seq: number }
  | { type: 'subscribed'; sessions: readonly string[] | null; after: number }
  | { type: 'pong' }
  | ({ type: 'terminal'; session: string } & Screen)
  | ({ type: 'terminal_changed'; session: string; rows: Record<number, string> } & Pick<
      Screen,
      'cursor' | 'title'
    >)
  | { type: 'terminal_gone'; session: string; reason: string }
  | { type: 'error'; code: string; detail: string };
