/** Which agent drew a screen, where neither its process nor its title can be asked. */

import type { AgentKind } from '../../machines/vocabulary.ts';
import { isRule, readScreen } from './screen.ts';

/**
 * The kind whose own drawing the screen shows, or null where none is sure. What stands at the bottom
 * counts most: the agent's own frame is there, and what is quoted stands above it, indented.
 */
export const kindOfScreen = (text: string): AgentKind | null => {
  const { lines } = readScreen({ text, title: '', command: '' });
  const written = lines.filter((line) => line !== '');
  const bottom = written.slice(-BOTTOM_LINES);
  const top = written.slice(0, -BOTTOM_LINES);
  const frame = kindOfFrame(written);
  let best: AgentKind | null = null;
  let most = LEAST - 1;
  const scoreOf = (mark: RegExp): number => {
    if (bottom.some((line) => mark.test(line))) return 2;
    return top.some((line) => mark.test(line)) ? 1 : 0;
  };
  for (const { kind, signs, words } of KINDS) {
    let score = frame === kind ? FRAME_SCORE : 0;
    for (const sign of signs) score += scoreOf(sign);
    for (const word of words) score += 2 * scoreOf(word);
    if (score <= most) continue;
    most = score;
    best = kind;
  }
  return best;
};

/** One sign alone may be chance: a shell prompts with `❯`, a log has bullets. One word of its own is not. */
const LEAST = 3;
const FRAME_SCORE = 4;
const BOTTOM_LINES = 12;

/** Who draws the input box like this: the lines around the last prompt tell most of them apart. */
const kindOfFrame = (lines: readonly string[]): AgentKind | null => {
  const upper = lines.findLastIndex(
    (line, row) => isRule(line) && /^[❯>!#*](?: |$)/u.test(lines[row + 1] ?? ''),
  );
  const lower = upper < 0 ? -1 : lines.findIndex((line, row) => row > upper + 1 && isRule(line));
  if (lower < 0 || lines.length - lower > MAX_FOOTER) return null;
  const prompt = lines[upper + 1] as string;
  if (prompt.startsWith('>') || prompt.startsWith('*')) return 'qwen-code';
  return /^ \S/.test(lines[lower + 1] ?? '') ? 'copilot' : 'claude-code';
};

/** The line of the keys, a line of the user's own, a few tasks. */
const MAX_FOOTER = 10;

/**
 * How each agent draws, at the columns at which it does. Signs are glyphs, which others may use too;
 * words are its own banners, keys and tools, which weigh twice.
 */
const KINDS: readonly {
  kind: AgentKind;
  signs: readonly RegExp[];
  words: readonly RegExp[];
}[] = [
  {
    kind: 'claude-code',
    signs: [/^[❯>] \S/u, /^[●⏺] \S/u, /^ {0,3}❯ \d+\. /u, /^[·✢✳✶✻✽] \p{L}[^…]{0,300}…/u],
    words: [
      /^ {2}⎿ {1,2}\S/u,
      /^[✢✳✶✻✽] \p{L}[\p{L}'’ -]{1,40} for \d/u,
      /^ {2}(?:⏵⏵|⏸) (?!.*shift \+ tab)/u,
      /^ {0,3}(?:Esc to cancel · Tab to amend|Enter to (?:confirm|select) ·)/,
      /^ {0,3}(?:[^│┃\s].* · )?Esc to (?:cancel|close|exit|go back)\b/u,
      /^ {0,3}❯ (?:No, exit|Yes, I trust)/u,
      /^[ │╭─]{0,4}(?:✻ Welcome to )?Claude Code\b/u,
      /^[ ▐▛▜▝▘█▌]{3,12}Claude Code v\d/u,
      /^(?:claude --resume \S|Resume this session with:)/,
      /^ {1,3}Do you want to (?:proceed|make this edit|create|allow|use this API key)\b/,
      /^ {1,4}Showing detailed transcript · /,
    ],
  },
  {
    kind: 'codex',
    signs: [
      /^› \S/u,
      /^› \d\. /u,
      /^[•◦] \S/u,
      /^■ \S/u,
      /^ {2}[└│] \S/u,
      /^ {2}\S.* · [~/]\S*(?:$| · )/u,
    ],
    words: [
      /^[•◦] (?:Working|Ran|Running|Explored|Edited|Added|Proposed|Updated Plan|Reconnecting)\b/u,
      /^[│ ]{0,4}>_ OpenAI Codex\b/,
      /• esc to interrupt\)$/u,
      /^[─ ]{0,3} Worked for <?\d/u,
      /^ {2}(?:Press enter to confirm|enter \w+ · esc \w+|tab to add notes \|)/,
      /^ {2}(?:Would you like to (?:run|make|grant)|Implement this plan\?|Trust this folder\?)/,
      /^ {2}\? help {2}↑\/↓ move {2}enter open/u,
    ],
  },
  {
    kind: 'gemini-cli',
    signs: [/^ > {1,3}\S/, /^✦ \S/u, /^[ℹ✕] {1,2}\S/u, /^ ?│ {1,2}● \d\. /u],
    words: [
      /^ > {3}\S/,
      /^ [⠀-⣿] .*\(esc to cancel, (?:\d+m ?)?\d+s\)/u,
      /^[│ ]{1,3}[✓⊷✕?o-] {1,2}(?:ReadFile|WriteFile|Edit|Shell|SearchText|FindFiles|ReadFolder|GoogleSearch|ReadManyFiles)\b/u,
      /^ workspace \(\/directory\)/,
      /^ \S.*\bno sandbox\b/,
      /^ [▝▗▜▀▟▄ ]{2,8}\s{2,}Gemini CLI v\d/u,
      /^[│ ]{0,3}(?:Allow execution of|Apply this change\?)/u,
      /^[1-4]\. .*\bGEMINI\.md\b/,
      /^ Shift\+Tab to accept edits/,
      /^ ?│ .{0,60}\bGemini CLI\b/u,
    ],
  },
  {
    kind: 'opencode',
    signs: [/^ {2}┃(?: {2}|$)/u, /^ {5}[→←✱] \S/u],
    words: [
      /^\s*╹▀{8}/u,
      /^\s+▣ {2}\S/u,
      /^\s+[⬝■]{4,}\s/u,
      /^[┃ ]{2,6}△ Permission required/u,
      /^\s*┃ {2}Ask anything…/u,
      /^[┃ ]{2,6}(?:↑↓ select {2}enter submit|Allow once {3}Allow always {3}Reject)/u,
      /\bctrl\+p commands$/,
    ],
  },
  {
    kind: 'qwen-code',
    signs: [/^ {2}> \S/, /^ {2}[◆∵∴] \S/u],
    words: [
      /^\s+[⠀-⣿] .*· esc to cancel\)/u,
      /^\s+[⠀-⣿] Waiting for user confirmation/u,
      /\(shift \+ tab to cycle\)/,
      /^ {2}➜ \S.* · /u,
      /^[│ ]{0,4}.{0,20}\bQwen Code\b/u,
      /^\s{1,4}↑\/↓: Navigate \| Enter: Select \| Esc: Cancel/u,
      /^ {2}[✓⊷] (?:Read|Edit|Write|Shell|Grep|Glob|List)/u,
    ],
  },
  {
    kind: 'copilot',
    signs: [/^ ❯ \S/u, /^ ● \S/u],
    words: [
      /^ [◉●○◎] Working\b.* esc esc /u,
      /^ \[Current\] {2}Sessions\b/,
      /^ [~/]\S* \[⎇ /u,
      /^[│ ]{0,3}↑\/↓ to navigate · enter to select · esc to cancel/u,
      /^ .{0,12}\bCopilot v\d/u,
      /^ (?:← open sidebar · )?Interactive · Manual Approval/u,
      /^ \$ Shell \S/,
    ],
  },
];
