/** One look at one screen, without the monitor: what it is taken for, by which rule, and why. */

import { count, NOTHING_COUNTED } from '../machines/counting.ts';
import {
  type Activity,
  AGENT_KINDS,
  type AgentKind,
  type Attention,
  type Indicators,
  type Verdict,
} from '../machines/vocabulary.ts';
import { classify } from './analysis/classify.ts';
import { kindOfTitle } from './analysis/kinds.ts';
import { kindOfScreen } from './analysis/screen-kind.ts';

export interface GivenScreen {
  /** As `tmux capture-pane -p` gives it, with or without `-e`. */
  screen: string;
  /** The pane's title; empty where it is not known. */
  title: string;
  /** Null: to be found out. */
  kind: AgentKind | null;
}

/** What `agent-monitor explain --jsonl` writes for a screen, its id aside. */
export interface Explanation {
  kind: AgentKind;
  /** One look's verdict, not the state: `stuck` takes a clock. */
  activity: Activity;
  attention: Attention;
  reason: string;
  rule: string;
  evidence: string;
  /** 0–100 by the agent's own task list, where it shows one. */
  progress?: number;
  /** What the tool calls on this screen add up to, where it shows any. */
  indicators?: Indicators;
}

export interface ExplainedScreen {
  explanation: Explanation;
  verdict: Verdict;
  /** What told the kind; `nothing` where it is taken for a plain shell. */
  kindBy: 'given' | 'title' | 'screen' | 'nothing';
}

/** Pure: the same screen, the same answer. */
export const explainScreen = (given: GivenScreen): ExplainedScreen => {
  const { kind, by } = findKind(given);
  const text = given.screen;
  // The program in the foreground is not known, and the size is that of the text.
  const verdict = classify({ kind, text, title: given.title, width: 0, height: 0, command: '' });
  const { activity, attention, reason, rule, evidence, progress, sightings } = verdict;
  return {
    explanation: {
      ...{ kind, activity, attention, reason, rule, evidence },
      ...(progress === null ? {} : { progress }),
      ...(sightings.length === 0
        ? {}
        : { indicators: count(NOTHING_COUNTED, sightings).indicators }),
    },
    verdict,
    kindBy: by,
  };
};

/** The kind that someone names, by its own name or by that of its program; null where there is none. */
export const kindNamed = (name: string): AgentKind | null =>
  AGENT_KINDS.find((kind) => kind === name) ?? PROGRAMS.get(name) ?? null;

const PROGRAMS = new Map<string, AgentKind>([
  ['claude', 'claude-code'],
  ['gemini', 'gemini-cli'],
  ['qwen', 'qwen-code'],
]);

const findKind = ({ kind, title, screen }: GivenScreen): { kind: AgentKind; by: KindBy } => {
  if (kind) return { kind, by: 'given' };
  const titled = kindOfTitle(title.trim())?.kind;
  if (titled) return { kind: titled, by: 'title' };
  const drawn = kindOfScreen(screen);
  return drawn ? { kind: drawn, by: 'screen' } : { kind: 'generic', by: 'nothing' };
};

type KindBy = ExplainedScreen['kindBy'];
