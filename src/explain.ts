/** One look at one screen, without the monitor: what it is taken for, by which rule, and why. */

import { count, NOTHING_COUNTED } from '../machines/counting.ts';
import type {
  Activity,
  AgentKind,
  Attention,
  Indicators,
  Verdict,
} from '../machines/vocabulary.ts';
import { classify } from './analysis/classify.ts';
import { kindOfProgram, kindOfTitle } from './analysis/kinds.ts';
import { type Profiles, profileOf } from './analysis/profile.ts';
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

/** Explains screens by these profiles. Pure: the same screen, the same answer. */
export const createExplainer = (profiles: Profiles) => {
  const findKind = ({ kind, title, screen }: GivenScreen): { kind: AgentKind; by: KindBy } => {
    if (kind) return { kind, by: 'given' };
    const titled = kindOfTitle(title.trim(), profiles);
    if (titled) return { kind: titled, by: 'title' };
    const drawn = kindOfScreen(screen, profiles);
    return drawn ? { kind: drawn, by: 'screen' } : { kind: 'generic', by: 'nothing' };
  };

  return {
    explainScreen: (given: GivenScreen): ExplainedScreen => {
      const { kind, by } = findKind(given);
      const { screen: text, title } = given;
      // The program in the foreground is not known, and the size is that of the text.
      const request = { kind, text, title, width: 0, height: 0, command: '' };
      const verdict = classify(request, profiles);
      return { explanation: explanationOf(kind, verdict), verdict, kindBy: by };
    },
    /** The kind that someone names, by its own name or by that of its program, or null. */
    kindNamed: (name: string): AgentKind | null =>
      profileOf(profiles, name)?.kind ?? kindOfProgram(name, profiles),
  };
};

export type Explainer = ReturnType<typeof createExplainer>;

const explanationOf = (kind: AgentKind, verdict: Verdict): Explanation => {
  const { activity, attention, reason, rule, evidence, progress, sightings } = verdict;
  return {
    ...{ kind, activity, attention, reason, rule, evidence },
    ...(progress === null ? {} : { progress }),
    ...(sightings.length === 0 ? {} : { indicators: count(NOTHING_COUNTED, sightings).indicators }),
  };
};

type KindBy = ExplainedScreen['kindBy'];
