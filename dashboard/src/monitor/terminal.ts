/** What a session's pane shows, as long as somebody looks. */

import { type ReadonlySignal, signal } from '@preact/signals';
import { hear, say } from './feed.ts';
import type { Message, Screen } from './messages.ts';
import type { Feed } from './socket-feed.ts';

type TerminalState =
  | { status: 'asked' }
  /** `title`: as the program in the pane has set it. */
  | { status: 'shown'; title: string; width: number; height: number }
  /** The pane is no more, or cannot be shown; what was shown last stays. */
  | { status: 'ended'; reason: string };

export interface WatchedTerminal {
  readonly state: ReadonlySignal<TerminalState>;
  /** Asks for it anew, where it has ended. */
  ask(): void;
  stop(): void;
}

export interface TerminalListener {
  shown(screen: Screen): void;
  changed(changes: Pick<Screen, 'cursor'> & { rows: Record<number, string> }): void;
}

/** Asks for it now and after every loss of the connection, until it is stopped. */
export const watchTerminal = (
  session: string,
  listener: TerminalListener,
  feed: Pick<Feed, 'hear' | 'say'> = { hear, say },
): WatchedTerminal => {
  const state = signal<TerminalState>({ status: 'asked' });
  const ask = (): void => {
    state.value = { status: 'asked' };
    feed.say({ type: 'terminal', session });
  };
  const stopHearing = feed.hear((message) => {
    if (message.type === 'connected') return ask();
    // It is watched again under the same name: in another pane, or by a new actor.
    if (isBackAgain(message, session) && state.peek().status === 'ended') return ask();
    state.value = withMessage(state.peek(), message, session);
    if (message.type === 'terminal' && message.session === session) listener.shown(message);
    if (message.type === 'terminal_changed' && message.session === session)
      listener.changed(message);
  });
  ask();
  return {
    state,
    ask,
    stop: () => {
      stopHearing();
      feed.say({ type: 'terminal_end', session });
    },
  };
};

const isBackAgain = (message: Message, session: string): boolean =>
  message.type === 'event' &&
  message.session === session &&
  (message.event === 'session_found' || message.event === 'actor_restarted');

const withMessage = (state: TerminalState, message: Message, session: string): TerminalState => {
  // A refusal names no session; it is about this one as long as this one is asked for.
  if (message.type === 'error')
    return state.status === 'asked' ? { status: 'ended', reason: message.detail } : state;
  if (!('session' in message) || message.session !== session) return state;
  switch (message.type) {
    case 'terminal': {
      const { title, width, height } = message;
      return { status: 'shown', title, width, height };
    }
    case 'terminal_changed':
      if (state.status !== 'shown' || state.title === message.title) return state;
      return { ...state, title: message.title };
    case 'terminal_gone':
      return { status: 'ended', reason: message.reason };
    default:
      return state;
  }
};
