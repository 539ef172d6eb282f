/**
 * Codex, as version 0.169.0 draws it: `›` before the input, `•` before what it does, and above the
 * input a status line, whose text can push the timer off. The title says more.
 */

import { AT_PROMPT, type Profile } from '../profile.ts';

const BUSY_TITLE = /^[⠀-⣿] /u;

export const codex: Profile = {
  kind: 'codex',
  busyTitle: BUSY_TITLE,
  composer: {
    frame: 'open',
    prompt: /^› ?(?!\d+\. )(.*)$/u,
    placeholder: /^Ask Codex to do anything$/,
    paste: /\[Pasted Content \d+ chars\]/,
    abandoned: /^\S/,
  },
  transcript: {
    prompt: /^› \S/u,
    blockHead: /^[›•◦■✔✗⚠] /u,
    status: /^[•◦] .*(?:\ds • esc to interrupt\)|…$)/u,
  },
  dialog: {
    cursor: '›',
    shown: [
      'enter to confirm',
      'enter to continue',
      'esc to cancel',
      'enter to submit',
      'esc back',
      'esc skip',
      'Would you like to ',
    ],
    hint: /(?:^|[·|] |\s)(?:enter|esc) (?:to )?[a-z]+/,
    below: /^\s*$/,
    keys: 'bracket',
    rules: [
      { name: 'codex.question', attention: 'question', opening: /^\s+Question \d+\/\d+/ },
      {
        name: 'codex.approval',
        attention: 'approval',
        question: /^(?:Would you like to|Implement this plan\?)/,
      },
      { name: 'codex.trust', attention: 'trust', option: /\btrust\b/i },
      { name: 'codex.login', attention: 'login', option: /\b(?:sign in|API key)\b/i },
      { name: 'codex.other-dialog', attention: 'other-dialog' },
    ],
  },
  tools: {
    calls: [
      { tool: 'bash', line: /^• (?:Ran|Running) (?<target>\S.*)$/u },
      { tool: 'edit', line: /^• Edited (?<target>\S+)/u },
      { tool: 'write', line: /^• (?:Added|Deleted) (?<target>\S+)/u },
      { tool: 'read', line: /^ {2}[└ ] Read (?<target>\S.*)$/u },
      { tool: 'search', line: /^ {2}[└ ] (?:Search|List) (?<target>\S.*)$/u },
    ],
    running: /^• Running /u,
  },
  rules: [
    {
      name: 'codex.retrying',
      when: [{ region: 'head', line: /^[•◦] Reconnecting/u }],
      activity: 'turn',
      reason: 'retrying',
    },
    {
      name: 'codex.working',
      when: [{ region: 'head', line: /^(?:◦ \S|[•◦] .*\ds • esc to interrupt\))/u }],
      activity: 'turn',
      reason: 'thinking',
    },
    {
      name: 'codex.title',
      when: [{ region: 'title', line: BUSY_TITLE }],
      activity: 'turn',
      reason: 'thinking',
    },
    {
      name: 'codex.action-required',
      when: [{ region: 'title', line: /^\[ [!.] \] Action Required/ }],
      activity: 'turn',
      reason: 'approval',
      attention: 'approval',
    },
    {
      name: 'codex.interrupted',
      when: [{ region: 'head', line: /^■ Conversation interrupted/u }, AT_PROMPT],
      activity: 'idle',
      reason: 'interrupted',
    },
    {
      name: 'codex.usage-limit',
      when: [{ region: 'head', line: /^■ .*\busage limit\b/iu }, AT_PROMPT],
      activity: 'error',
      reason: 'usage-limit',
    },
    {
      name: 'codex.error',
      when: [{ region: 'head', line: /^■ \S/u }, AT_PROMPT],
      activity: 'error',
      reason: 'api-error',
    },
    {
      name: 'codex.done',
      when: [{ region: 'turn', line: /^\s+Worked for <?\d+/ }, AT_PROMPT],
      activity: 'complete',
      reason: 'done',
    },
    {
      name: 'codex.command',
      when: [{ region: 'head', line: /^› \/\S/u }, AT_PROMPT],
      activity: 'complete',
      reason: 'ready',
    },
    {
      name: 'codex.ready',
      when: [{ region: 'transcript', without: /^› \S/u }, { composer: ['empty', 'placeholder'] }],
      activity: 'complete',
      reason: 'ready',
    },
    { name: 'codex.prompt', when: [AT_PROMPT], activity: 'idle', reason: 'prompt' },
  ],
};
