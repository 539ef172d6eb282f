/**
 * Qwen Code, as version 0.24.4 draws it: an input box between two rule lines, a braille spinner
 * with a joke above it, `◆` before its answers. The title tells busy and asking apart.
 */

import { AT_PROMPT, CONSENT, type Profile, SHELL_PROMPT } from '../profile.ts';

const BUSY_TITLE = /^◐/u;
/** A turning glyph, or dots, before what it does and how to cancel it; that may be cut off. */
const SPINNER =
  /^ {0,3}(?:[⠁-⣿] (?!Waiting for user confirmation)\S|\S{1,3} {1,2}\S.*\besc to cancel\))/u;

export const qwenCode: Profile = {
  kind: 'qwen-code',
  foundBy: {
    programs: ['qwen'],
    packages: ['@qwen-code/qwen-code'],
    titles: [/^(?:[◐✳]\ufe0e? )?Qwen\b/u],
  },
  drawn: {
    frame: { prompt: /^[>*]/, below: /^/ },
    signs: [/^ {2}> \S/, /^ {2}[◆∵∴] \S/u],
    words: [
      /^\s+[⠀-⣿] .*· esc to cancel\)/u,
      /^\s+[⠀-⣿] Waiting for user confirmation/u,
      /\(shift \+ tab to cycle\)/,
      /^ {2}➜ \S.* · /u,
      /^[│ ]{0,4}.{0,20}\bQwen Code\b/u,
      /^\s{1,4}↑\/↓: Navigate \| Enter: Select \| Esc: Cancel/u,
      /^ {2}[✓⊶⊷] (?:Read|Edit|Write|Shell|Grep|Glob|List)/u,
    ],
  },
  busyTitle: BUSY_TITLE,
  composer: {
    frame: 'rules',
    prompt: /^[>!*] ?(.*)$/,
    placeholder: /^Type your message or @/,
    paste: /\[Pasted Content \d+ chars\]/,
    abandoned: SHELL_PROMPT,
  },
  transcript: { prompt: /^ {2}> \S/, blockHead: /^ {0,2}\S/, status: SPINNER },
  dialog: {
    border: { left: /^ {0,2}│ ?/u, right: '│' },
    cursor: '❯›●',
    shown: ['Waiting for user confirmation', 'Enter: ', 'Enter to select', '1. Yes'],
    hint: /(?:Enter: |enter to )\w/i,
    below: /^(?:\s*| {0,2}╰─+╯|\s*\S{1,3} {1,2}Waiting for user confirmation.*)$/u,
    keys: 'number',
    rules: [
      { name: 'qwen-code.trust', attention: 'trust', question: /^Do you trust\b/ },
      { name: 'qwen-code.approval', attention: 'approval', option: CONSENT },
      { name: 'qwen-code.question', attention: 'question', question: /\?/ },
      { name: 'qwen-code.login', attention: 'login', option: /\b(?:OAuth|API key)\b/i },
      { name: 'qwen-code.other-dialog', attention: 'other-dialog' },
    ],
  },
  tools: {
    calls: [
      {
        tool: 'read',
        line: /^ {2}(?:│ )?✓ {1,2}Read(?:File)? (?<target>\S.*?)(?:\s{2,}.*)?$/u,
        listed: true,
      },
      { tool: 'edit', line: /^ {2}(?:│ )?✓ {1,2}Edit (?<target>\S+)/u },
      { tool: 'write', line: /^ {2}(?:│ )?✓ {1,2}Write(?:File)? (?:Writing to )?(?<target>\S+)/u },
      { tool: 'bash', line: /^ {2}(?:│ )?(?:[✓⊶⊷o] {1,2}|\.{1,3} {0,2})Shell (?<target>\S.*)$/u },
      { tool: 'search', line: /^ {2}(?:│ )?✓ {1,2}(?:Grep|Glob|List)\w* (?<target>\S.*)$/u },
    ],
    running: /^ {2}(?:│ )?(?:[⊶⊷] {1,2}|\.{1,3} {0,2})Shell/u,
  },
  rules: [
    {
      // The dialog itself may not be drawn yet.
      name: 'qwen-code.asking',
      when: [
        { region: 'title', line: /^✳/u },
        { region: 'turn', line: /^ {2}\? AskUser/ },
      ],
      activity: 'turn',
      reason: 'question',
      attention: 'question',
    },
    {
      name: 'qwen-code.action-required',
      when: [{ region: 'title', line: /^✳/u }],
      activity: 'turn',
      reason: 'approval',
      attention: 'approval',
    },
    {
      name: 'qwen-code.spinner',
      when: [{ region: 'head', line: SPINNER }],
      activity: 'turn',
      reason: 'thinking',
    },
    {
      // Only a running turn can be steered.
      name: 'qwen-code.steerable',
      when: [{ region: 'footer', line: /^\s+Enter to steer\b/ }],
      activity: 'turn',
      reason: 'streaming',
    },
    {
      name: 'qwen-code.title',
      when: [{ region: 'title', line: BUSY_TITLE }],
      activity: 'turn',
      reason: 'thinking',
    },
    {
      name: 'qwen-code.api-error',
      when: [{ region: 'head', line: /^ {0,2}✕ \[?API Error/u }, AT_PROMPT],
      activity: 'error',
      reason: 'api-error',
    },
    {
      name: 'qwen-code.done',
      when: [
        { region: 'turn', line: /^ {0,2}[◆✦] /u },
        { region: 'turn', without: /^ {2}(?:│ )?(?:[⊶⊷] |\.{1,3} {0,2}[A-Z])/u },
        AT_PROMPT,
      ],
      activity: 'complete',
      reason: 'done',
    },
    {
      name: 'qwen-code.ready',
      when: [
        { region: 'transcript', line: /[▀-▟]{2}|\bQwen Code\b|^ {2}Tips: /u },
        { region: 'transcript', without: /^ {0,2}(?:> \S|[◆✦∴∵✕] )/u },
        { composer: ['empty', 'placeholder'] },
      ],
      activity: 'complete',
      reason: 'ready',
    },
    { name: 'qwen-code.prompt', when: [AT_PROMPT], activity: 'idle', reason: 'prompt' },
  ],
  // The dots that turn before a call that runs.
  volatile: [/^ {2}(?:│ )?\.{1,3} {0,2}(?=[A-Z])/g],
};
