import type { AgentKind } from '../../machines/vocabulary.ts';
import { type Profiles, profileOf } from './profile.ts';
import { PROFILES } from './profiles/index.ts';

/** What is on the screen of such an agent while a dialog is open; nothing for one that has none. */
export const dialogMarksOf = (kind: AgentKind, profiles: Profiles = PROFILES): readonly string[] =>
  profileOf(profiles, kind)?.dialog?.shown ?? [];
