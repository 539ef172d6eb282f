/** The agent in its terminal: bytes and orders in, frames and true events out. */

import { randomInt, randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { advance, beginAgent, deadlineOf } from './advance.ts';
import type { Control } from './control.ts';
import { openControl } from './control.ts';
import type { Input } from './keys.ts';
import { createKeyReader } from './keys.ts';
import { createScreen } from './screen.ts';
import type { Script } from './script.ts';
import type { AgentState } from './state.ts';
import { FRESH_MS } from './state.ts';

export interface Outlets {
  /** A file that gets one JSON line for each true event, or undefined. */
  journal: string | undefined;
  /** A path for the unix socket that takes orders, or undefined. */
  control: string | undefined;
  /** Steps that take time wait for a `next`. */
  stepped: boolean;
}

/** Runs until the agent leaves, and ends the process with its exit code. */
export const runInTerminal = async (script: Script, outlets: Outlets): Promise<void> => {
  const { stdin, stdout } = process;
  const screen = createScreen(stdout, script.probe, wallClock, () => refresh());
  let control: Control | null = null;
  let timer: NodeJS.Timeout | undefined;
  let drawn: AgentState | null = null;
  let state = beginAgent(script, {
    folder: process.cwd(),
    now: wallClock(),
    seed: randomInt(2 ** 32),
    stepped: outlets.stepped,
  });

  const take = (event: Untimed): void => {
    state = advance(state, { ...event, now: wallClock() });
  };

  /** Draws what is true now, tells what became true, and waits for what comes next. */
  const refresh = (): void => {
    clearTimeout(timer);
    if (screen.busy()) return;
    const { phase } = state;
    if (phase.at !== 'exited' && (state !== drawn || script.frames.always)) screen.draw(state);
    tell();
    if (phase.at === 'exited') quit(phase.code);
    else schedule();
  };

  /** What the journal says is on the screen from the first byte of its frame on. */
  const tell = (): void => {
    const { number, at: drawnAt } = screen.last();
    const at = state.phase.at === 'exited' ? wallClock() : drawnAt;
    for (const note of state.notes) {
      const entry = { t: Math.round(at * 1000) / 1000, frame: number, ...note };
      if (outlets.journal !== undefined) {
        appendFileSync(outlets.journal, `${JSON.stringify(entry)}\n`);
      }
      control?.tell(entry);
    }
    state = { ...state, notes: [] };
    drawn = state;
  };

  const schedule = (): void => {
    const at = wakeAt(state, screen.last().at);
    if (at === null) return;
    timer = setTimeout(
      () => {
        take({ type: 'time' });
        refresh();
      },
      Math.max(0, Math.ceil(at - wallClock())),
    );
  };

  const quit = (code: number): void => {
    screen.leave(`\r\nResume this session with:\r\nclaude --resume ${randomUUID()}\r\n`);
    stdin.pause();
    // The order to exit is still to be replied to.
    setImmediate(() =>
      control === null ? process.exit(code) : control.close(() => process.exit(code)),
    );
  };

  const obey = (line: string): object => {
    const order = readOrder(line);
    if (order === null) return { reply: line, error: ORDERS };
    if (order.type !== 'state') take(order);
    refresh();
    const { truth, phase, composer, queued } = state;
    return { reply: line, phase: phase.at, truth, draft: composer.draft, queued };
  };

  // Whoever reaches the control socket may type at once.
  stdin.setRawMode(true);
  if (outlets.control !== undefined) control = await openControl(outlets.control, obey);
  process.on('exit', () => screen.leave());
  process.on('uncaughtException', (error) => {
    screen.leave();
    console.error(error);
    process.exit(70);
  });
  process.on('SIGTERM', () => process.exit(143)).on('SIGHUP', () => process.exit(129));
  stdout.on('resize', () => {
    drawn = null;
    refresh();
  });
  screen.enter();
  listen(stdin, (inputs) => {
    for (const input of inputs) take(input);
    refresh();
  });
  refresh();
};

/** Keys, text and pastes as they come; an ESC that nothing follows is the Escape key. */
const listen = (stdin: NodeJS.ReadStream, hear: (inputs: Input[]) => void): void => {
  const keys = createKeyReader();
  let timer: NodeJS.Timeout | undefined;
  stdin.on('data', (chunk: Buffer) => {
    clearTimeout(timer);
    hear(keys.read(chunk));
    if (keys.pending()) timer = setTimeout(() => hear(keys.flush()), ESCAPE_MS);
  });
  stdin.on('end', () => process.exit(129));
};

/** When the next frame or event is due, or null where nothing moves by itself. */
const wakeAt = (state: AgentState, drawnAt: number): number | null => {
  const { frames } = state.script;
  const moving = state.phase.at === 'turn' || frames.always;
  const freshUntil = state.startedAt + FRESH_MS;
  const times = [
    deadlineOf(state),
    moving ? drawnAt + 1000 / frames.perSecond : null,
    state.now < freshUntil ? freshUntil : null,
  ].filter((time) => time !== null);
  return times.length === 0 ? null : Math.min(...times);
};

/** Something to do at the moment it is taken. */
type Untimed = Input | { type: 'time' | 'next' } | { type: 'exit'; code: number };

const readOrder = (line: string): Untimed | { type: 'state' } | null => {
  const [word = '', rest = ''] = line.split(/ (.*)/s);
  if (word === 'next' || word === 'state') return { type: word };
  if (word === 'key' && rest !== '') return { type: 'key', key: rest };
  if (word === 'text' && rest !== '') return { type: 'text', text: rest };
  if (word === 'exit' && /^\d*$/.test(rest)) return { type: 'exit', code: Number(rest) };
  return null;
};

const ORDERS = 'not an order; allowed: next, key <name>, text <text>, state, exit [code]';

/** Milliseconds since the epoch that only go forward. */
const wallClock = (): number => performance.timeOrigin + performance.now();

const ESCAPE_MS = 25;
