import type { Monitor, Screen, Stop } from '../../actors/ports.ts';
import { Refusal } from './errors.ts';
import type { ServerMessage } from './socket-messages.ts';

const MOST_AT_ONCE = 4;

/** The terminals that one WebSocket client looks at. */
export interface Terminals {
  /** @throws {SessionNotFound} {PaneGone} {Refusal} */
  open(session: string): void;
  /** By the name that the session has now, or had when it was opened. */
  end(session: string): void;
  /** Goes on under the session's new name, and says so. */
  renamed(previousSession: string, session: string): void;
  /** Tells what has changed while the client could not be told. */
  resume(): void;
  stop: Stop;
}

interface Terminal {
  session: string;
  readonly openedAs: string;
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

  const tell = (terminal: Terminal) => {
    const { session, told, newest } = terminal;
    if (newest === null || newest === told || !isOpen()) return;
    terminal.told = newest;
    send(difference(session, told, newest));
  };
  const end = (terminal: Terminal | undefined) => {
    if (!terminal) return;
    terminal.stop();
    terminals.delete(terminal.session);
  };
  const gone = ({ session }: Terminal, reason: string) => {
    terminals.delete(session);
    send({ type: 'terminal_gone', session, reason });
  };

  return {
    open: (session) => {
      end(terminals.get(session));
      if (terminals.size >= MOST_AT_ONCE) {
        throw new Refusal(`At most ${MOST_AT_ONCE} terminals at once: end another one first.`, {
          code: 'bad_request',
        });
      }
      const terminal: Terminal = {
        ...{ session, openedAs: session, stop: () => undefined },
        ...{ told: null, newest: null },
      };
      terminals.set(session, terminal);
      try {
        terminal.stop = monitor.watchScreen(session, {
          shown: (screen) => {
            terminal.newest = screen;
            tell(terminal);
          },
          gone: (reason) => gone(terminal, reason),
        });
      } catch (error) {
        terminals.delete(session);
        throw error;
      }
    },
    end: (session) => {
      const former = [...terminals.values()].find(({ openedAs }) => openedAs === session);
      end(terminals.get(session) ?? former);
    },
    renamed: (previousSession, session) => {
      const terminal = terminals.get(previousSession);
      if (!terminal) return;
      const former = terminals.get(session);
      former?.stop();
      if (former) gone(former, 'another session has its name');
      terminals.delete(previousSession);
      terminals.set(session, terminal);
      terminal.session = session;
      send({ type: 'terminal_renamed', session, previousSession });
      // Whole, for who knows it by its name only.
      terminal.told = null;
      tell(terminal);
    },
    resume: () => {
      for (const terminal of terminals.values()) tell(terminal);
    },
    stop: () => {
      for (const terminal of [...terminals.values()]) end(terminal);
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
