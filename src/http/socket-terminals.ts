import type { Monitor, Screen, Stop } from '../../actors/ports.ts';
import { Refusal } from './errors.ts';
import type { ServerMessage } from './socket-messages.ts';

const MOST_AT_ONCE = 4;

/** The terminals that one WebSocket client looks at. */
export interface Terminals {
  /** @throws {SessionNotFound} {PaneGone} {Refusal} */
  open(session: string): void;
  end(session: string): void;
  /** Tells what has changed while the client could not be told. */
  resume(): void;
  stop: Stop;
}

interface Terminal {
  stop: Stop;
  /** What the client has, and what there is. */
  told: Screen | null;
  newest: Screen | null;
}

/**
 * The whole screen first and after a change of its size, then the rows that changed. A client that
 * does not keep up gets the newest screen later, not all that there were.
 */
export const createTerminals = (options: {
  monitor: Pick<Monitor, 'watchScreen'>;
  isOpen(): boolean;
  send(message: ServerMessage): void;
}): Terminals => {
  const { monitor, isOpen, send } = options;
  const terminals = new Map<string, Terminal>();

  const tell = (session: string, terminal: Terminal) => {
    const { told, newest } = terminal;
    if (newest === null || newest === told || !isOpen()) return;
    terminal.told = newest;
    send(difference(session, told, newest));
  };
  const end = (session: string) => {
    terminals.get(session)?.stop();
    terminals.delete(session);
  };

  return {
    open: (session) => {
      end(session);
      if (terminals.size >= MOST_AT_ONCE) {
        throw new Refusal(`At most ${MOST_AT_ONCE} terminals at once: end another one first.`, {
          code: 'bad_request',
        });
      }
      const terminal: Terminal = { stop: () => undefined, told: null, newest: null };
      terminals.set(session, terminal);
      try {
        terminal.stop = monitor.watchScreen(session, {
          shown: (screen) => {
            terminal.newest = screen;
            tell(session, terminal);
          },
          gone: (reason) => {
            terminals.delete(session);
            send({ type: 'terminal_gone', session, reason });
          },
        });
      } catch (error) {
        terminals.delete(session);
        throw error;
      }
    },
    end,
    resume: () => {
      for (const [session, terminal] of terminals) tell(session, terminal);
    },
    stop: () => {
      for (const session of [...terminals.keys()]) end(session);
    },
  };
};

const difference = (session: string, told: Screen | null, newest: Screen): ServerMessage => {
  const { width, height, cursor, title } = newest;
  if (told?.width !== width || told.height !== height)
    return { type: 'terminal', session, ...newest };
  const changed = newest.rows.flatMap((row, index) =>
    row === told.rows[index] ? [] : [[index, row] as const],
  );
  return { type: 'terminal_changed', session, cursor, title, rows: Object.fromEntries(changed) };
};
