/** A pane on whose terminal the test paints what an agent would, and worse. */

import { closeSync, constants, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { frameOf } from '../../bench/frames.ts';
import { HOSTILE, type HostileName, SANE } from './hostile-output.ts';
import type { NewSession, TestSession, TestTmux } from './tmux.ts';

export interface PaintedAgent extends TestSession, Disposable {
  /** A screen in the middle of that turn. */
  work(turn: number): void;
  /** A screen at the prompt after it. */
  rest(turn: number): void;
  flood(kind: HostileName, pieces: number): void;
}

/** Takes what is typed and shows nothing of it. */
const SILENT = 'stty raw -echo; exec cat > /dev/null';

export const startPaintedAgent = async (
  tmux: TestTmux,
  options: NewSession,
): Promise<PaintedAgent> => {
  const session = await tmux.newSession({ ...options, command: SILENT });
  const tty = await tmux.run('display-message', '-p', '-t', session.paneId, '#{pane_tty}');
  const terminal = openSync(tty, constants.O_WRONLY | constants.O_NOCTTY);
  return {
    ...session,
    work: (turn) => paint(terminal, { turn, busy: true }),
    rest: (turn) => paint(terminal, { turn, busy: false }),
    flood: (kind, pieces) => {
      for (const piece of HOSTILE[kind].pieces().take(pieces)) writeAll(terminal, piece);
    },
    [Symbol.dispose]: () => closeSync(terminal),
  };
};

/** The environment of a daemon that takes these sessions of the server for such agents. */
export const asPaintedAgents = ({ socket }: TestTmux, sessions = '*'): Record<string, string> => {
  const file = join(dirname(socket), 'agent-monitor.toml');
  writeFileSync(file, `[[agents]]\nsession = "${sessions}"\nkind = "claude-code"\n`);
  return { AGENT_MONITOR_CONFIG: file };
};

/** Whatever the terminal was in the middle of. */
export const paint = (terminal: number, { turn, busy }: { turn: number; busy: boolean }): void => {
  const frame = frameOf({ turn, busy, frame: turn }, null).toString();
  writeAll(terminal, Buffer.concat([SANE, Buffer.from(frame.replaceAll('\n', '\r\n'))]));
};

/** Waits until the terminal has taken it. */
export const writeAll = (terminal: number, bytes: Buffer): void => {
  for (let from = 0; from < bytes.length; ) from += writeSync(terminal, bytes.subarray(from));
};
