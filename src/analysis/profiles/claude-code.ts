/**
 * Claude Code, as versions 2.1.197 and 2.1.330 draw it: an input box between two rule lines, above
 * it the spinner's block, above that the transcript with its `●` blocks. Dialogs take the place of
 * the box, below a rule line of their own.
 */

import { type Profile, SHELL_PROMPT } from '../profile.ts';
import { dialog } from './claude-code-dialog.ts';
import { BUSY_TITLE, DONE, spinner } from './claude-code-marks.ts';
import { rules } from './claude-code-rules.ts';
import { tools } from './claude-code-tools.ts';

export const claudeCode: Profile = {
  kind: 'claude-code',
  foundBy: {
    programs: ['claude', 'claude.exe'],
    packages: ['@anthropic-ai/claude-code'],
    titles: [/^[◐◑✳⠂⠐] (?!Qwen\b)\S/u],
  },
  drawn: {
    frame: { prompt: /^[❯!#]/u, below: /^(?! \S)/ },
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
  busyTitle: BUSY_TITLE,
  composer: {
    frame: 'rules',
    prompt: /^[❯>!#](?: (.*))?$/u,
    placeholder: /^(?:Try "|Resend your message|Once fixed, resend your message)/,
    untouched: /\? for shortcuts(?: ·|\s{2}|$)/,
    paste: /\[(?:Pasted text|Image|\.\.\.Truncated text) #\d+/,
    abandoned: SHELL_PROMPT,
  },
  transcript: {
    prompt: /^[❯>] \S/u,
    blockHead: /^\S/,
    closing: DONE,
    status: spinner('(?:[^…]{1,300}…|[^·]+ · (?:[Rr]etrying|will retry)|Waiting for \\d)'),
  },
  dialog,
  tools,
  todos: {
    line: /^\s*(?:⎿\s+)?(?:(?<done>[✔☒✓])|(?<doing>[◼])|(?<open>[◻☐])) (?<text>\S.*)$/u,
    summary:
      /^\s*(?:(?<done>\d+)\/(?<total>\d+) tasks done|(?<total>\d+) tasks \((?<done>\d+) done)/,
  },
  rules,
  volatile: [/[↑↓] [\d.]{1,9}k? tokens/g],
};
