/** Where what was written down is not what can be seen, and why. */

import type { Activity } from '../machines/vocabulary.ts';

export interface OtherLabel {
  /** What the look says instead. */
  says: Activity;
  /** The label is plainly not so; else it is true, but one look cannot know it. */
  isWrong: boolean;
  why: string;
}

/** Labels that say something else than one look can know. */
export const OTHER_LABELS: Readonly<Record<string, OtherLabel>> = {
  'claude-code/2.1.330/100-idle-with-draft.txt': {
    says: 'idle',
    isWrong: false,
    why: 'the very same screen as that of a turn interrupted while thinking, whose prompt comes back',
  },
  'claude-code/2.1.330/103-model-picker.txt': {
    says: 'unknown',
    isWrong: true,
    why: 'a menu changes nothing: it is told as other-dialog, and the state stays what it was',
  },
  'codex/0.169.0/17-agent-command-center.txt': {
    says: 'unknown',
    isWrong: true,
    why: 'a list of sessions, none of which is on the screen',
  },
  'codex/0.169.0/48-slash-menu.txt': {
    says: 'idle',
    isWrong: true,
    why: 'a menu over a turn that was interrupted',
  },
  'codex/0.169.0/49-status-command.txt': {
    says: 'idle',
    isWrong: true,
    why: 'the turn above was interrupted, and looking at the status did not end it',
  },
  'gemini-cli/0.61.0/20-slash-menu.txt': {
    says: 'idle',
    isWrong: true,
    why: 'a menu over a turn that was interrupted',
  },
  'opencode/1.18.33/21-slash-menu.txt': {
    says: 'idle',
    isWrong: true,
    why: 'a menu over a turn that was interrupted',
  },
  'qwen-code/0.24.4/17-slash-menu.txt': {
    says: 'idle',
    isWrong: true,
    why: 'a menu over a turn that was interrupted',
  },
};

/** Counts that a run's screen does not show as the model asked for them: what it shows, and why. */
export const OTHER_COUNTS: Readonly<
  Record<string, { read?: number; written?: number; commands?: number; why: string }>
> = {
  'claude-2.1.330-dialogs': {
    read: 1,
    why: 'nobody wrote down what the model asked for; this much the screen shows',
  },
  'claude-2.1.330-hooks2': {
    commands: 1,
    why: '`ls` is drawn as “listed 1 directory”',
  },
  'claude-2.1.330-tiny': {
    written: 0,
    why: 'in 15 rows the line of the call is never on the screen, only its diff',
  },
  'codex-0.169.0-bg': {
    commands: 1,
    why: 'a command that goes on in the background is not drawn as one',
  },
  'codex-0.169.0-full': {
    read: 2,
    why: 'a read with a `sleep` before it is drawn as a command, and a search of two programs as two searches',
  },
  'gemini-0.61.0-full': {
    read: 3,
    why: 'the agent draws one read of its own',
  },
  'qwen-0.24.4-full': {
    commands: 0,
    why: 'the agent refused to run the command',
  },
};
