/** What the walk must know of one agent's program: how to start it offline, and its keys. */

import type { AgentKind, Attention } from '../machines/vocabulary.ts';

/** Where everything of one walk lies. */
export interface Place {
  /** The throw-away HOME. */
  home: string;
  /** The folder in which the agent is started. */
  project: string;
  /** The model server's address. */
  url: string;
}

/** A dialog that may stand before the first prompt. */
interface Opening {
  name: string;
  shows: RegExp;
  attention: Attention;
  /** The option to choose. */
  choose: RegExp;
}

export interface Cli {
  kind: AgentKind;
  /** The program's name on the search path. */
  program: string;
  args: readonly string[];
  /** Its endpoint, a dummy key, and what keeps it from calling home. */
  env(place: Place): Record<string, string>;
  /** Files by their path in HOME. */
  files(place: Place): Record<string, string>;
  openings: readonly Opening[];
  /** Stands before the option that Enter would choose. */
  cursor: RegExp;
  /** Keys that consent to what an approval dialog asks, as `tmux send-keys` takes them. */
  consent: readonly string[];
  /** Keys that interrupt a turn. */
  interrupt: readonly string[];
  /** It has a tool by which its model asks the user a question. */
  asks: boolean;
}

export const DUMMY_KEY = 'dummy-key-for-the-canary';
