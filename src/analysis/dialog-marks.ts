import type { AgentKind } from '../../machines/vocabulary.ts';
import type { Profiles } from './profile.ts';
import { PROFILES } from './profiles/index.ts';

/** What is on the screen of such an agent while a dialog is open; nothing for one that has none. */
export const dialogMarksOf = (kind: AgentKind, profiles: Profiles = PROFILES): readonly string[] =>
  profiles[kind]?.dialog?.shown ?? [];
