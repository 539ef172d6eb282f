/** All profiles, by the kind of agent. */

import type { AgentKind } from '../../../machines/vocabulary.ts';
import type { Profile } from '../profile.ts';
import { claudeCode } from './claude-code.ts';
import { generic } from './generic.ts';

export const PROFILES: Partial<Record<AgentKind, Profile>> = {
  'claude-code': claudeCode,
  generic,
};
