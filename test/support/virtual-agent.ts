/** A simulated agent without a terminal, whose time passes when the test says so. */

import { advance, beginAgent } from '../../demo/agent/advance.ts';
import { drawFrame } from '../../demo/agent/frame.ts';
import { textOf } from '../../demo/agent/line.ts';
import { parseScript } from '../../demo/agent/script.ts';
import type { AgentState, Note } from '../../demo/agent/state.ts';

export interface VirtualAgent {
  /** Lets time pass, frame by frame. */
  pass(ms: number): void;
  /** Lets time pass while nobody looks. */
  jump(ms: number): void;
  type(text: string): void;
  paste(text: string): void;
  key(key: string): void;
  next(): void;
  exit(code: number): void;
  /** Types the prompt and presses Enter. */
  submit(prompt: string): void;
  /** The rows without trailing blanks; on the main screen those that scrolled away too. */
  screen(size?: { columns: number; rows: number }): string[];
  title(): string | null;
  state(): AgentState;
  /** The names of all events so far. */
  events(): string[];
  notes(): Note[];
}

export const virtualAgent = (script: object, options: { stepped?: boolean } = {}): VirtualAgent => {
  const parsed = parseScript(JSON.stringify(script), 'test script');
  let now = 1_795_363_912_000;
  let state = beginAgent(parsed, { folder: '/home/user/project', now, seed: 7, ...options });
  const take = (event: object): void => {
    state = advance(state, { ...event, now } as Parameters<typeof advance>[1]);
  };
  const draw = (columns: number, rows: number) => drawFrame(state, columns, rows, 1);
  const agent: VirtualAgent = {
    pass: (ms) => {
      for (const end = now + ms; now < end; ) {
        now = Math.min(end, now + 100);
        take({ type: 'time' });
      }
    },
    jump: (ms) => {
      now += ms;
      take({ type: 'time' });
    },
    type: (text) => take({ type: 'text', text }),
    paste: (text) => take({ type: 'paste', text }),
    key: (key) => take({ type: 'key', key }),
    next: () => take({ type: 'next' }),
    exit: (code) => take({ type: 'exit', code }),
    submit: (prompt) => {
      agent.type(prompt);
      agent.pass(100);
      agent.key('enter');
    },
    screen: ({ columns, rows } = { columns: 120, rows: 40 }) =>
      draw(columns, rows).lines.map((line) => textOf(line).trimEnd()),
    title: () => draw(120, 40).title,
    state: () => state,
    events: () => state.notes.map(({ event }) => event),
    notes: () => state.notes,
  };
  return agent;
};
