/** How many clients of our own a server can bear. */

export interface ServerSize {
  /** Panes on the server, watched or not. */
  panes: number;
  /** The soft limit of open files of the server's process. */
  maxFiles: number;
}

/** tmux holds this many descriptors per control client, and one per pane. */
const FILES_PER_CLIENT = 3;
const FILES_SHARE = 0.8;

/**
 * One pass of the server's event loop walks over panes x clients: measured on tmux 3.3a as 1.1 us
 * per pane and 18 ns per pane and client. A pass is to stay below this.
 */
const PASS_US = 3000;
const PANE_US = 1.1;
const PANE_CLIENT_US = 0.018;

/** The number of clients, at most `budget`, that leaves the server its files and its time. */
export const clientBudget = (budget: number, { panes, maxFiles }: ServerSize): number => {
  const byFiles = (maxFiles * FILES_SHARE - panes) / FILES_PER_CLIENT;
  const byPass = (PASS_US - PANE_US * panes) / (PANE_CLIENT_US * Math.max(1, panes));
  return Math.max(0, Math.floor(Math.min(budget, byFiles, byPass)));
};
