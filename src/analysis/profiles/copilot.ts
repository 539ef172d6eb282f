/**
 * Copilot CLI, as version 1.0.102 draws it: an input box between two rule lines, its state in the
 * line below, dialogs in boxes. The title is the prompt's text and tells no state.
 */

import { AT_PROMPT, CONSENT, type Profile, SHELL_PROMPT } from '../profile.ts';

/** What it says by itself when it has started. */
const NOTICES = 'Tip: |No copilot-instructions|MCP Servers |Folder |Environment ';
const NOTICE = new RegExp(`\\bCopilot\\b.* v?\\d+\\.\\d|^ ?● (?:${NOTICES})`, 'u');
/** A call that has changed a file, and by how much. */
const CHANGE = '[A-Z]\\w+ \\S+ \\+\\d+(?: -\\d+)?$';
/** Prose, as far as one line tells: no notice, and no such call. */
const ANSWER = new RegExp(`^ ?● (?!${NOTICES}|${CHANGE})\\S`, 'u');
/** Below the user's prompt it gives no notices. */
const ANSWER_TO_PROMPT = new RegExp(`^ ?● (?!${CHANGE})\\S`, 'u');
const PROMPT = /^ ?❯ (?!Think(?:ing…|ing\b|\w* for\b)|Thought )\S/u;
/** Directly below a call; in an answer a blank line parts what is drawn from what is said. */
const ROW_BELOW = /^\s+[│└] /u;

export const copilot: Profile = {
  kind: 'copilot',
  foundBy: {
    programs: ['copilot'],
    packages: ['@github/copilot'],
    titles: [/GitHub Copilot$/u],
  },
  drawn: {
    frame: { prompt: /^[❯!#]/u, below: /^ \S/ },
    signs: [/^ ?❯ \S/u, /^ ?[●○] \S/u],
    words: [
      /^ [◉●○◎] Working\b.* esc esc /u,
      /^ \[Current\] {2}Sessions\b/,
      /^ [~/]\S*(?: \[⎇ |\s{8,}\S)/u,
      /^[│ ]{0,3}↑\/?↓ to (?:navigate|select) · enter to (?:select|confirm) · esc to cancel/iu,
      /^[│ ❯]{0,5}\d\. No, and tell Copilot\b/u,
      /^ shift\+tab switch mode\b/,
      /^● .*\(shell\)$/u,
      /^ .{0,12}\bCopilot v\d/u,
      /^ (?:← open sidebar · )?Interactive · Manual Approval/u,
      /^ \$ Shell \S/,
    ],
  },
  interruptKeys: ['Escape', 'Escape'],
  composer: {
    frame: 'rules',
    prompt: /^[❯>!] ?(.*)$/u,
    placeholder: /^Type @ to mention/,
    paste: /\[Paste #\d+/,
    abandoned: SHELL_PROMPT,
  },
  transcript: {
    prompt: PROMPT,
    blockHead: /^ ?[^\s/~]/u,
  },
  dialog: {
    border: { left: /^ ?│ ?/u, right: '│' },
    cursor: '❯',
    shown: ['enter to select', 'esc to cancel', 'Do you want to '],
    hint: /(?:^\s*|· )(?:enter|esc) (?:to )?[a-z]|^Confirm with \S.*\bEnter\b/i,
    below: /^(?:\s*| ?╰─+╯|─{8,})$/u,
    keys: 'number',
    rules: [
      { name: 'copilot.trust', attention: 'trust', question: /^Do you trust\b/ },
      { name: 'copilot.trust', attention: 'trust', option: /\bremember this folder\b/ },
      { name: 'copilot.question', attention: 'question', opening: /\bneeds information\b/ },
      { name: 'copilot.approval', attention: 'approval', question: /^Do you want to\b/ },
      { name: 'copilot.approval', attention: 'approval', option: CONSENT },
      { name: 'copilot.question', attention: 'question', question: /\?/ },
      { name: 'copilot.other-dialog', attention: 'other-dialog' },
    ],
  },
  tools: {
    calls: [
      { tool: 'read', line: /^ ?\S{1,3} Read (?<target>\S+)/u },
      { tool: 'edit', line: /^ ?\S{1,3} Edit (?<target>\S+)/u },
      { tool: 'write', line: /^ ?\S{1,3} Create (?<target>\S+)/u },
      { tool: 'bash', line: /^ \$ Shell (?<target>\S.*?)(?: \d+ lines?…?)?(?:\s{2,}.*)?$/u },
      { tool: 'bash', line: /^ ?● (?<target>\S.*) \(shell\)$/u, below: ROW_BELOW },
      { tool: 'search', line: /^ ?\S{1,3} (?:Search|Grep|Glob) (?<target>\S.*?)(?:\s{2,}.*)?$/u },
    ],
    running: /^ \$ Shell .*\ds ?┃?$/u,
  },
  rules: [
    {
      name: 'copilot.working',
      when: [
        {
          region: 'footer',
          line: /^ \S (?:Working|Thinking|Cancel+ing)\b|\besc interrupt\b|\bctrl\+q enqueue\b/u,
        },
      ],
      activity: 'turn',
      reason: 'thinking',
    },
    {
      // Versions before 1.0 have it above the input.
      name: 'copilot.spinner',
      when: [{ region: 'tail', line: /^ {0,2}\S \S.* \(Esc to cancel/iu }],
      activity: 'turn',
      reason: 'thinking',
    },
    {
      name: 'copilot.error',
      // What a call has brought stands below it: that one failed, not the turn.
      when: [
        { region: 'head', line: /^ ?✗ \S/u },
        { region: 'below', without: ROW_BELOW },
        AT_PROMPT,
      ],
      activity: 'error',
      reason: 'api-error',
    },
    {
      name: 'copilot.interrupted',
      when: [{ region: 'head', line: /^ ?\S Operation (?:cancelled|aborted)/iu }, AT_PROMPT],
      activity: 'idle',
      reason: 'interrupted',
    },
    {
      name: 'copilot.done',
      when: [{ region: 'head', line: ANSWER }, { region: 'below', without: ROW_BELOW }, AT_PROMPT],
      activity: 'complete',
      reason: 'done',
    },
    {
      name: 'copilot.answered',
      when: [
        { region: 'transcript', line: PROMPT },
        { region: 'head', line: ANSWER_TO_PROMPT },
        { region: 'below', without: ROW_BELOW },
        AT_PROMPT,
      ],
      activity: 'complete',
      reason: 'done',
    },
    {
      name: 'copilot.ready',
      when: [
        { region: 'transcript', line: NOTICE },
        { region: 'transcript', without: /^ ?[❯✗] \S/u },
        { composer: ['empty', 'placeholder'] },
      ],
      activity: 'complete',
      reason: 'ready',
    },
    { name: 'copilot.prompt', when: [AT_PROMPT], activity: 'idle', reason: 'prompt' },
  ],
};
