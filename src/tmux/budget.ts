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
 * Every pass of the server's event loop walks over panes x clients: measured on tmux 3.3a as 18 ns
 * for each. Clients are for calm panes; when all are busy a pass is made for every frame, and what
 * the clients add to it costs more than asking for the panes would. They may add this much.
 */
const CLIENTS_US = 20;
const PANE_CLIENT_US = 0.018;

/** The number of clients, at most `budget`, that leaves the server its files and its time. */
export const clientBudget = (budget: number, { panes, maxFiles }: ServerSize): number => {
  const byFiles = (maxFiles * FILES_SHARE - panes) / FILES_PER_CLIENT;
  const byPass = CLIENTS_US / (PANE_CLIENT_US * Math.max(1, panes));
  return Math.max(0, Math.floor(Math.min(budget, byFiles, byPass)));
};
