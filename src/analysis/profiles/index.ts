/** All profiles, by the kind of agent. */

import type { BuiltInKind } from '../../../machines/vocabulary.ts';
import type { Profile } from '../profile.ts';
import { claudeCode } from './claude-code.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import { geminiCli } from './gemini-cli.ts';
import { generic } from './generic.ts';
import { opencode } from './opencode.ts';
import { qwenCode } from './qwen-code.ts';

export const PROFILES: Record<BuiltInKind, Profile> = {
  'claude-code': claudeCode,
  codex,
  'gemini-cli': geminiCli,
  opencode,
  'qwen-code': qwenCode,
  copilot,
  generic,
};
