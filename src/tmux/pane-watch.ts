/** One watch as its listener sees it: what was told last, what is owed, and whether it is over. */

import type { Look, WatchListener, WatchTarget } from '../../actors/ports.ts';
import type { Pane } from '../../machines/vocabulary.ts';

export interface PaneWatch {
  readonly target: WatchTarget;
  readonly open: boolean;
  /** The next look that begins is delivered, changed or not. */
  ask(): void;
  /** A look begins. What it returns goes into `saw` or, where the look fails, into `missed`. */
  begin(): LookTicket;
  /**
   * Delivers the look if it differs from the last or was asked for; answers whether it differs.
   * A look that began before the one seen last is old news from a slower connection.
   */
  saw(look: Look, ticket: LookTicket): boolean;
  missed(ticket: LookTicket): void;
  /** True where the last look shows something else than what is known now. */
  isNews(pane: Pane): boolean;
  connected(by: 'attached' | 'shared'): void;
  close(cause: 'gone' | 'lost', detail: string): void;
  /** Ends the watch without a word. */
  stop(): void;
}

export interface LookTicket {
  readonly order: number;
  readonly asked: boolean;
}

/**
 * @param owed - a look that was asked for turned out to be old news: another one must begin. On a
 * still screen none would by itself.
 */
export const createPaneWatch = (
  target: WatchTarget,
  listener: WatchListener,
  owed: () => void,
): PaneWatch => {
  let open = true;
  let asked = false;
  let begun = 0;
  let seen = 0;
  let last: Look | null = null;
  let connection: 'attached' | 'shared' | null = null;

  return {
    target,
    get open() {
      return open;
    },
    ask: () => {
      asked = true;
    },
    begin: () => {
      const ticket = { order: ++begun, asked };
      asked = false;
      return ticket;
    },
    saw: (look, ticket) => {
      if (!open) return false;
      if (ticket.order < seen) {
        if (ticket.asked) {
          asked = true;
          owed();
        }
        return false;
      }
      seen = ticket.order;
      const changed = last === null || differs(look, last);
      last = look;
      if (changed || ticket.asked) listener.looked(look);
      return changed;
    },
    missed: (ticket) => {
      asked ||= ticket.asked;
    },
    isNews: (pane) => last !== null && differsBesideText({ ...pane, panePid: pane.pid }, last),
    connected: (by) => {
      if (!open || by === connection) return;
      connection = by;
      listener.connected(by);
    },
    close: (cause, detail) => {
      if (!open) return;
      open = false;
      listener.closed(cause, detail);
    },
    stop: () => {
      open = false;
    },
  };
};

/** In anything but the time at which it was taken. */
const differs = (look: Look, last: Look): boolean =>
  look.text !== last.text || differsBesideText(look, last);

/** A look without its text. */
export type BesideText = Omit<Look, 'text' | 'at'>;

const differsBesideText = (now: BesideText, last: BesideText): boolean =>
  now.title !== last.title ||
  now.command !== last.command ||
  now.panePid !== last.panePid ||
  now.dead !== last.dead ||
  now.deadStatus !== last.deadStatus ||
  now.width !== last.width ||
  now.height !== last.height;
