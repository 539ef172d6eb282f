/**
 * Codex, as version 0.169.0 draws it: `›` before the input, `•` before what it does, and above the
 * input a status line, whose text can push the timer off. The title says more.
 */

import { AT_PROMPT, CONSENT, type Condition, type Profile, SHELL_PROMPT } from '../profile.ts';

const BUSY_TITLE = /^[⠀-⣿] /u;
/**
 * The status line: a blinking bullet, the turn's clock, unless the text before it fills the line. A
 * short one that ends in dots was not cut.
 */
const STATUS = /^[•◦] .*(?:\((?:\d+[hms] ?){1,3}(?:[•·]|$)|\besc to interrupt\b)|^[•◦] .{26,}…$/iu;
/** The user's prompt, and no row of the menu of commands, which has its description behind it. */
const PROMPT = /^› (?!\/\S+ {2})\S/u;
/** The first line of a block. */
const BLOCK_HEAD = new RegExp(`^[•◦■✔✗⚠] |${PROMPT.source}`, 'u');
/** How long a turn took, below its answer. */
const WORKED_FOR = /^ {0,2}Worked for (?:<?\d+[hms] ?)+(?:•|$)/u;
/** What stands at the top of a session; without it, the turn may be out of sight. */
const BANNER: Condition = { region: 'transcript', line: /\bOpenAI Codex\b|[⠁-⣿]{6}/u };
/** Prose as the last block: nothing that is still being done, unless a sentence begins like that. */
const ANSWER: Condition = {
  region: 'head',
  line: /^• (?!Running (?!.*[.!?]$)|(?:Exploring|Searching(?: the web)?)$|Calling \S+\(|Model changed\b|Updated Plan$|(?:Wait(?:ed|ing) for|Interacted with) background\b|Questions \d+\/\d+ answered$)\S/u,
};
/** Directly below a call; in an answer a blank line parts what is drawn from what is said. */
const ROW_BELOW = /^ {2}[└│] /u;
/** The same of an edit. */
const CHANGE_BELOW = /^ {2}└ |^ {4,}\d+ /u;
/** It turns while the agent works, and is not there where nothing of it is known. */
const HAS_TITLE: Condition = { region: 'title', line: /\S/ };

export const codex: Profile = {
  kind: 'codex',
  foundBy: {
    programs: ['codex'],
    packages: ['@openai/codex'],
    titles: [/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] .* \| /u],
  },
  drawn: {
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
  busyTitle: BUSY_TITLE,
  composer: {
    frame: 'open',
    prompt: /^›(?! ?\d+[.)] ) ?(.*)$/u,
    placeholder: /^Ask Codex to do anything$/,
    untouched: /\? for shortcuts(?: ·|\s{2}|$)/,
    paste: /\[Pasted Content \d+ chars\]/,
    // With such blocks below it, it is a prompt of the past.
    abandoned: new RegExp(`${SHELL_PROMPT.source}|^[•◦■] `, 'u'),
  },
  transcript: {
    prompt: PROMPT,
    blockHead: BLOCK_HEAD,
    status: STATUS,
  },
  dialog: {
    content: /^ {2}\$ /,
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
    hint: /(?:^|[·|] |\s)(?:[Ee]nter|[Ee]sc|↵) (?:to )?[a-z]+/,
    below: /^\s*$/,
    keys: 'bracket',
    rules: [
      {
        name: 'codex.approval',
        attention: 'approval',
        option: /^(?:Yes, proceed|No, and tell Codex)\b/,
      },
      { name: 'codex.trust', attention: 'trust', question: /\bDo you trust\b/ },
      { name: 'codex.question', attention: 'question', opening: /^\s+Question \d+\/\d+/ },
      {
        name: 'codex.approval',
        attention: 'approval',
        question: /^(?:Would you like to|Implement this plan\?)/,
      },
      { name: 'codex.trust', attention: 'trust', option: /\btrust\b/i },
      { name: 'codex.trust', attention: 'trust', opening: /\brunning Codex in\b/ },
      { name: 'codex.login', attention: 'login', option: /\b(?:sign in|API key)\b/i },
      { name: 'codex.approval', attention: 'approval', option: CONSENT },
      { name: 'codex.other-dialog', attention: 'other-dialog' },
    ],
  },
  tools: {
    calls: [
      { tool: 'bash', line: /^• Ran (?<target>\S.*)$/u, below: ROW_BELOW },
      { tool: 'bash', line: /^[•◦] Running (?<target>\S.*)$/u },
      {
        tool: 'edit',
        line: /^• Edited (?<target>\S+) (?:.* )?\(\+\d+ -\d+\)$/u,
        below: CHANGE_BELOW,
      },
      {
        tool: 'write',
        line: /^• (?:Added|Deleted) (?<target>\S+) (?:.* )?\(\+\d+ -\d+\)$/u,
        below: CHANGE_BELOW,
      },
      { tool: 'read', line: /^ {2}[└ ] Read (?<target>\S.*)$/u, listed: true },
      { tool: 'search', line: /^ {2}[└ ] (?:Search|List) (?<target>\S.*)$/u },
    ],
    running: /^[•◦] Running /u,
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
      when: [{ region: 'head', line: /^◦ \S/u }],
      activity: 'turn',
      reason: 'thinking',
    },
    {
      name: 'codex.status',
      when: [
        { region: 'head', line: STATUS },
        { region: 'tail', without: /^\s+\S/ },
      ],
      activity: 'turn',
      reason: 'thinking',
    },
    {
      // At its start the title is busy before anything was asked.
      name: 'codex.starting',
      when: [
        { region: 'title', line: BUSY_TITLE },
        BANNER,
        { region: 'transcript', without: /^[›•] \S/u },
      ],
      activity: 'unknown',
      reason: 'starting',
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
      // Above the answer, from edge to edge.
      name: 'codex.done',
      when: [{ region: 'turn', line: /^─+ Worked for <?\d.*─$/u }, AT_PROMPT],
      activity: 'complete',
      reason: 'done',
    },
    {
      // Below it, in newer versions.
      name: 'codex.done-below',
      when: [{ region: 'tail', line: WORKED_FOR }, AT_PROMPT],
      activity: 'complete',
      reason: 'done',
    },
    {
      // Of a long answer only the end is in sight.
      name: 'codex.done-long',
      when: [
        { region: 'turn', line: WORKED_FOR },
        { region: 'transcript', without: BLOCK_HEAD },
        AT_PROMPT,
      ],
      activity: 'complete',
      reason: 'done',
    },
    {
      name: 'codex.cleared',
      when: [{ region: 'head', line: /^› \/(?:clear|new)(?:\s|$)/u }, AT_PROMPT],
      activity: 'complete',
      reason: 'ready',
    },
    {
      // A row of the menu of commands has its description behind it.
      name: 'codex.command',
      when: [{ region: 'head', line: /^› \/\S+(?: \S+)*$/u }, AT_PROMPT],
      activity: 'complete',
      reason: 'command',
    },
    {
      name: 'codex.ready',
      when: [BANNER, { region: 'transcript', without: /^› \S/u }, AT_PROMPT],
      activity: 'complete',
      reason: 'ready',
    },
    {
      name: 'codex.answered',
      // An answer that is still being written looks the same: then only the title says so.
      when: [
        ANSWER,
        HAS_TITLE,
        { region: 'below', without: ROW_BELOW },
        { region: 'below', without: CHANGE_BELOW },
        AT_PROMPT,
      ],
      activity: 'complete',
      reason: 'done',
    },
    { name: 'codex.prompt', when: [AT_PROMPT], activity: 'idle', reason: 'prompt' },
  ],
};
