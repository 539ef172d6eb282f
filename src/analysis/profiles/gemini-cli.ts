/**
 * Gemini CLI, as version 0.61.0 draws it, on the main screen: `✦` before its answers, dialogs and
 * shell calls in boxes, the input below a rule line. Its title tells the whole state.
 */

import { AT_PROMPT, CONSENT, type Profile, SHELL_PROMPT } from '../profile.ts';

const BUSY_TITLE = /^✦/u;
/** The glyph alone tells: what it does, and how to cancel it, may be cut off. */
const SPINNER = /^ ?[⠁-⣿] (?!Waiting for user confirmation)\S/u;

export const geminiCli: Profile = {
  kind: 'gemini-cli',
  foundBy: {
    programs: ['gemini'],
    packages: ['@google/gemini-cli'],
    titles: [/^[◇✦✋]\s+(?:Ready|Working|Action Required)/u],
  },
  drawn: {
    signs: [/^ > {1,3}\S/, /^✦ \S/u, /^[ℹ✕] {1,2}\S/u, /^ ?│ {1,2}● \d\. /u],
    words: [
      /^ > {3}\S/,
      /^ [⠀-⣿] .*\(esc to cancel, (?:\d+m ?)?\d+s\)/u,
      /^[│ ]{1,3}[✓⊶⊷✕?o-] {1,2}(?:ReadFile|WriteFile|Edit|Shell|SearchText|FindFiles|ReadFolder|GoogleSearch|ReadManyFiles)\b/u,
      /^ workspace \(\/directory\)/,
      /^ \S.*\bno sandbox\b/,
      /^ [▝▗▜▀▟▄ ]{2,8}\s{2,}Gemini CLI v\d/u,
      /^[│ ]{0,3}(?:Allow execution of|Apply this change\?)/u,
      /^[1-4]\. .*\bGEMINI\.md\b/,
      /^ Shift\+Tab to accept edits/,
      /^ ?│ .{0,60}\bGemini CLI\b/u,
    ],
  },
  busyTitle: BUSY_TITLE,
  composer: {
    frame: 'open',
    prompt: /^ [>!*] {0,3}(.*)$/,
    placeholder: /^Type your message or @/,
    paste: /\[Pasted Text: \d+ lines\]/,
    // With such blocks below it, it is a prompt of the past.
    abandoned: new RegExp(`${SHELL_PROMPT.source}|^[✦✕ℹ╭]`, 'u'),
  },
  transcript: {
    prompt: /^ > {1,3}\S/,
    // Not what stands between the transcript and the input: a hint, and the input's upper edge.
    blockHead: /^(?:[^\s─▄▀]| [>!*⠁-⣿] )/u,
    // Said below the error that it speaks of.
    closing: /^ℹ This request failed\b/u,
    status: SPINNER,
  },
  dialog: {
    border: { left: /^ ?│ ?/u, right: '│' },
    cursor: '●',
    shown: ['Enter to select', 'Esc to cancel', '1. Allow once', '1. Yes'],
    hint: /(?:^|· )(?:Enter|Esc) to \w/,
    below: /^(?:\s*| ?╰─+╯|\s*\S{1,3} {1,2}Waiting for user confirmation.*)$/u,
    keys: 'number',
    rules: [
      { name: 'gemini-cli.trust', attention: 'trust', question: /^Do you trust\b/ },
      { name: 'gemini-cli.trust', attention: 'trust', option: /\btrust\b/i },
      { name: 'gemini-cli.question', attention: 'question', opening: /^Answer Questions/ },
      { name: 'gemini-cli.approval', attention: 'approval', option: CONSENT },
      { name: 'gemini-cli.login', attention: 'login', option: /\b(?:login|API key)\b/i },
      { name: 'gemini-cli.question', attention: 'question', question: /\?/ },
      { name: 'gemini-cli.other-dialog', attention: 'other-dialog' },
    ],
  },
  tools: {
    calls: [
      {
        tool: 'read',
        line: /^[│ ]+[✓⊶⊷]\s+Read(?:File|ManyFiles|Folder)\s+(?<target>\S.*)$/u,
      },
      // While it is being made its file has another name: the whole path.
      { tool: 'edit', line: /^[│ ]+✓\s+(?:Edit|Replace)\s+(?<target>[^\s:]+)/u },
      { tool: 'write', line: /^[│ ]+✓\s+WriteFile\s+(?:Writing to )?(?<target>\S+)/u },
      { tool: 'bash', line: /^[│ ]+[✓⊶⊷]\s+Shell\s+(?<target>\S.*?)(?:\s{2,}.*)?$/u },
      {
        tool: 'search',
        line: /^[│ ]+[✓⊶⊷]\s+(?:SearchText|FindFiles|GoogleSearch)\s+(?<target>\S.*)$/u,
      },
    ],
    running: /^[│ ]+[⊶⊷]\s+Shell/u,
  },
  rules: [
    {
      name: 'gemini-cli.action-required',
      when: [{ region: 'title', line: /^✋/u }],
      activity: 'turn',
      reason: 'approval',
      attention: 'approval',
    },
    {
      name: 'gemini-cli.title',
      when: [{ region: 'title', line: BUSY_TITLE }],
      activity: 'turn',
      reason: 'thinking',
    },
    {
      name: 'gemini-cli.spinner',
      when: [{ region: 'turn', line: SPINNER }],
      activity: 'turn',
      reason: 'thinking',
    },
    {
      name: 'gemini-cli.api-error',
      when: [{ region: 'outcome', line: /^✕ \[API Error/u }, AT_PROMPT],
      activity: 'error',
      reason: 'api-error',
    },
    {
      // What had been answered until then is drawn below it.
      name: 'gemini-cli.interrupted',
      when: [{ region: 'turn', line: /^ℹ Request cancelled/u }, AT_PROMPT],
      activity: 'idle',
      reason: 'interrupted',
    },
    {
      name: 'gemini-cli.done',
      when: [
        { region: 'turn', line: /^✦ /u },
        { region: 'turn', without: /^ {0,2}(?:│ )?[⊶⊷] /u },
        AT_PROMPT,
      ],
      activity: 'complete',
      reason: 'done',
    },
    {
      name: 'gemini-cli.ready',
      when: [
        { region: 'transcript', line: /[▖-▟]|█{3}|\bGemini CLI\b|^Tips for getting started/u },
        { region: 'transcript', without: /^(?: > {1,3}\S|✦ )/u },
        AT_PROMPT,
      ],
      activity: 'complete',
      reason: 'ready',
    },
    {
      // At its start the input stands there before anything else does; in a low pane, always.
      name: 'gemini-cli.blank',
      when: [
        { region: 'transcript', without: /^(?! Shift\+Tab )\s{0,29}[^\s─▄]/u },
        { composer: ['empty', 'placeholder'] },
      ],
      activity: 'unknown',
      reason: 'starting',
    },
    { name: 'gemini-cli.prompt', when: [AT_PROMPT], activity: 'idle', reason: 'prompt' },
  ],
};
