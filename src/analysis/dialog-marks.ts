import type { AgentKind } from '../../machines/vocabulary.ts';
import { PROFILES } from './profiles/index.ts';

/** What is on the screen of such an agent while a dialog is open; nothing for one that has none. */
export const dialogMarksOf = (kind: AgentKind): readonly string[] =>
  PROFILES[kind].dialog?.shown ?? [];
