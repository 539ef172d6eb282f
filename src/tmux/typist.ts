/**
 * The `Typist` port. Each call is one `if-shell` inside the tmux server: what it checks and what it
 * then types cannot be parted by anything else that happens in the server.
 */

import { TmuxFailed, TypingUnknown } from '../../actors/errors.ts';
import type { Typist } from '../../actors/ports.ts';
import type { PaneIdentity, TypingGuard } from '../../machines/vocabulary.ts';
import type { ControlClient } from './client.ts';
import { ConnectionLost, messageOf, NoServer, Refused, saysGone } from './failures.ts';
import { conditionFor, identityFor } from './guard.ts';
import type { Program } from './program.ts';
import { type Command, commandLine } from './quoting.ts';

export interface TypistOptions {
  /** The connections that stand at this moment, the best first. */
  connections(target: PaneIdentity): ControlClient[];
  fork: Program['fork'];
  /** A name that no paste buffer has. */
  newBufferName(): string;
}

export const createTypist = ({ connections, fork, newBufferName }: TypistOptions): Typist => {
  const routesTo = (target: PaneIdentity): Route[] => [
    ...connections(target).map(overClient),
    overForks(fork),
  ];

  return {
    paste: async (target, text, guard) => {
      const pasted = withoutPasteEnd(text);
      if (pasted === '') return attempt(firstOf(routesTo(target)), target, guard, NOTHING);
      const buffer = newBufferName();
      try {
        const route = await fillBuffer(routesTo(target), buffer, pasted);
        if (route === null) return 'gone';
        return await attempt(route, target, guard, {
          commands: [['paste-buffer', '-p', '-r', '-d', '-b', buffer, '-t', target.paneId]],
          otherwise: [['delete-buffer', '-b', buffer]],
        });
      } catch (error) {
        void discard(fork, buffer);
        throw error;
      }
    },
    press: (target, keys, guard) =>
      attempt(firstOf(routesTo(target)), target, guard, {
        commands: [['send-keys', '-t', target.paneId, ...keys]],
        otherwise: [],
      }),
  };
};

type Outcome = 'typed' | 'blocked' | 'gone';

interface Typing {
  commands: readonly Command[];
  /** What is run where nothing may be typed. */
  otherwise: readonly Command[];
}

const NOTHING: Typing = { commands: [], otherwise: [] };

/** One way to the server. */
interface Route {
  fill(buffer: string, text: string): Promise<unknown>;
  /** Runs an `if-shell` and answers the outcome that it printed. */
  decide(command: Command): Promise<Buffer>;
}

const overClient = (client: ControlClient): Route => ({
  fill: (buffer, text) => client.run([['set-buffer', '-b', buffer, '--', text]]),
  decide: (command) => client.runThrough(command, (body) => outcomeIn(body) !== null),
});

/** A client's argv holds some 16 KB (tmux 3.3a): a long text goes in pieces. */
const overForks = (fork: Program['fork']): Route => ({
  fill: async (buffer, text) => {
    for (const [index, piece] of pieces(text).entries())
      await fork([['set-buffer', ...(index === 0 ? [] : ['-a']), '-b', buffer, '--', piece]]);
  },
  decide: (command) => fork([command]),
});

/** Over the first connection that still takes it: so far nothing can have been typed. */
const fillBuffer = async (
  routes: readonly Route[],
  buffer: string,
  text: string,
): Promise<Route | null> => {
  let lost: unknown;
  for (const route of routes) {
    try {
      await route.fill(buffer, text);
      return route;
    } catch (error) {
      if (error instanceof NoServer) return null;
      if (!(error instanceof ConnectionLost)) throw failed(error);
      lost = error;
    }
  }
  throw failed(lost);
};

/** What broke off may have left it behind, with somebody's text in it. Nobody waits for this. */
const discard = async (fork: Program['fork'], buffer: string): Promise<void> => {
  try {
    await fork([['delete-buffer', '-b', buffer]]);
  } catch {
    // It is gone already, as it should be, or tmux cannot be asked; why, the first failure tells.
  }
};

const attempt = async (
  route: Route,
  target: PaneIdentity,
  guard: TypingGuard,
  { commands, otherwise }: Typing,
): Promise<Outcome> => {
  const { paneId } = target;
  // A pane in copy mode would take the keys for itself.
  const leaveMode: Command = ['copy-mode', '-q', '-t', paneId];
  const say = (what: string): Command => ['display-message', '-p', '-t', paneId, what];
  const refusal = `#{?${identityFor(target)},blocked,gone}`;
  try {
    const body = await route.decide([
      ...(['if-shell', '-F', '-t', paneId, conditionFor(target, guard)] as const),
      inSequence([leaveMode, ...commands, say('typed')]),
      inSequence([...otherwise, say(refusal)]),
    ]);
    const outcome = outcomeIn(body);
    if (outcome === null) throw new TypingUnknown(`tmux answered "${body}" to what was typed`);
    return outcome;
  } catch (error) {
    const outcome = error instanceof Refused ? outcomeIn(error.printed) : null;
    // It was a hook of the user's that failed.
    if (outcome !== null) return outcome;
    if (saysGone(error) || error instanceof NoServer) return 'gone';
    if (error instanceof Refused || error instanceof TmuxFailed) throw failed(error);
    throw new TypingUnknown(`tmux: ${messageOf(error)}`, { cause: error });
  }
};

const OUTCOMES: readonly Outcome[] = ['typed', 'blocked', 'gone'];

/** The user's hooks may print too. */
const outcomeIn = (printed: Buffer | string): Outcome | null => {
  const lines = printed.toString().split('\n');
  return OUTCOMES.find((outcome) => lines.includes(outcome)) ?? null;
};

const inSequence = (commands: readonly Command[]): string => commands.map(commandLine).join(' ; ');

const firstOf = (routes: readonly Route[]): Route => routes[0] as Route;

/**
 * tmux takes no NUL; and the end of a bracketed paste inside it would end it early, so that the
 * rest were keys. What is left may form such an end anew.
 */
const withoutPasteEnd = (text: string): string => {
  let rest = text.replaceAll('\0', '');
  while (rest.includes(PASTE_END)) rest = rest.replaceAll(PASTE_END, '');
  return rest;
};

const PASTE_END = '\x1b[201~';

const pieces = (text: string): string[] => {
  const found: string[] = [];
  let piece = '';
  for (const character of text) {
    piece += character;
    if (piece.length < PIECE_LENGTH) continue;
    found.push(piece);
    piece = '';
  }
  return piece === '' ? found : [...found, piece];
};

/** In the worst case three bytes each. */
const PIECE_LENGTH = 4000;

const failed = (error: unknown): Error =>
  error instanceof TmuxFailed || error instanceof TypingUnknown
    ? error
    : new TmuxFailed(`tmux: ${messageOf(error)}`, { cause: error });
