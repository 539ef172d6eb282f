/** How a tmux command can fail, told apart by the words tmux uses (3.2 to 3.6). */

/** tmux answered, and the answer is an error. The message is tmux's own. */
export class Refused extends Error {
  /** What was printed all the same: by what came before, or where a hook of the user's failed. */
  readonly printed: string;

  constructor(message: string, printed = '') {
    super(message);
    this.printed = printed;
  }
}

/** Nobody listens on the socket. */
export class NoServer extends Error {}

/** The connection broke, or the answer did not come in time. */
export class ConnectionLost extends Error {}

/** Sorts what a client that ended badly wrote to stderr; `printed` is what it wrote to stdout. */
export const failureOf = (message: string, printed = ''): Error => {
  const text = message.trim();
  if (NO_SERVER.test(text)) return new NoServer(text);
  if (BROKEN.test(text)) return new ConnectionLost(text);
  return new Refused(text, printed);
};

/** True where tmux says that the session, window or pane that was asked for does not exist. */
export const saysGone = (error: unknown): boolean =>
  error instanceof Refused && /can't find (session|window|pane)/.test(error.message);

/** True for `list-panes -a` on a server that has no sessions. */
export const saysNoSessions = (error: unknown): boolean =>
  error instanceof Refused && /no current (target|session)/.test(error.message);

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const NO_SERVER = /no server running|error connecting to .*\((No such file|Connection refused)/;
const BROKEN = /server exited|lost server/;
