/**
 * opencode, as version 1.18.33 draws it: boxes with a bar at their left, the input box closed by
 * `╹▀▀▀`, a status line below it. `▣` ends each answer with what has become of it.
 */

import { AT_PROMPT, CONSENT, type Profile, SHELL_PROMPT } from '../profile.ts';

/** How long a turn took, at the end of a line. */
const TIME = '\\d[\\d.]*(?:ms|[hms])(?: [\\d.]+[ms])*$';

export const opencode: Profile = {
  kind: 'opencode',
  foundBy: {
    programs: ['opencode', '.opencode'],
    packages: ['opencode-ai'],
    titles: [/^OC \| |^OpenCode$/u],
  },
  drawn: {
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
  composer: {
    frame: 'bar',
    prompt: /^\s*┃(.*)$/u,
    placeholder: /^Ask anything(?:…|\.{3})/u,
    paste: /\[Pasted ~?\d+ lines\]/,
    // A dialog has a bar too: a box above it is only shown.
    abandoned: new RegExp(`${SHELL_PROMPT.source}|^ {0,4}┃`, 'u'),
    bar: { closing: /^\s*╹▀{8}/u, mode: /^\s*┃\s+\S+ · \S/u },
  },
  // A block of its own, as the results of tools are; those begin with a sign.
  transcript: {
    prompt: /^\s*┃ {2}(?![$#←→✱△⚠⠀-⣿]|\s)/u,
    lead: /^(?! *┃).*\n *┃$/u,
    blockHead: /^\s+▣ /u,
  },
  dialog: {
    border: { left: /^\s*┃ {0,2}/u, right: '█▀▄┃' },
    content: /^\$ /,
    cursor: null,
    shown: ['enter confirm', 'esc dismiss', 'Permission required'],
    hint: /(?:^|\s)(?:⇆ select|enter (?:confirm|submit|select)|esc dismiss)(?:\s|$)/u,
    inlineKeys: /^(?:ctrl\+|⇆ |enter |esc )/u,
    below: /^\s*$/,
    keys: 'number',
    rules: [
      {
        name: 'opencode.approval',
        attention: 'approval',
        opening: /^\s*[△⚠] Permission required/u,
      },
      { name: 'opencode.approval', attention: 'approval', option: CONSENT },
      { name: 'opencode.question', attention: 'question' },
    ],
  },
  tools: {
    calls: [
      { tool: 'read', line: /^ {5}(?:→|[⠀-⣿]) Read (?<target>\S+)/u },
      { tool: 'edit', line: /^ {2}(?: {3}|┃ {2})← Edit (?<target>\S+)/u },
      { tool: 'write', line: /^ {2}(?: {3}|┃ {2})(?:← Write|# Wrote) (?<target>\S+)/u },
      {
        tool: 'bash',
        line: /^ {2}(?: {3}|┃ {2})(?:\$|[⠀-⣿]) (?<target>(?!Thinking$|(?:Read|Edit|Write|Grep|Glob|List) )\S.*)$/u,
      },
      { tool: 'search', line: /^ {5}✱ (?:Grep|Glob|List) (?<target>\S.*)$/u },
    ],
    running: /^ {2}┃ {2}[⠀-⣿] /u,
  },
  rules: [
    {
      name: 'opencode.retrying',
      when: [{ region: 'footer', line: /^\s+[⬝■]+ .*\[retrying in /u }],
      activity: 'turn',
      reason: 'retrying',
    },
    {
      name: 'opencode.busy',
      when: [{ region: 'footer', line: /^\s*[⬝■]{4,}(?:\s|$)|\besc (?:again to )?interrupt\b/u }],
      activity: 'turn',
      reason: 'thinking',
    },
    {
      name: 'opencode.interrupted',
      when: [{ region: 'tail', line: /(?:^\s+▣ .* · |^\s+)interrupted$/u }, AT_PROMPT],
      activity: 'idle',
      reason: 'interrupted',
    },
    {
      name: 'opencode.done',
      when: [{ region: 'tail', line: new RegExp(`^\\s+▣ .* · ${TIME}`, 'u') }, AT_PROMPT],
      activity: 'complete',
      reason: 'done',
    },
    {
      // In a narrow pane the time stands below, and nothing else does.
      name: 'opencode.done-below',
      when: [
        { region: 'tail', line: new RegExp(`^\\s+${TIME}`, 'u') },
        { region: 'head', line: /^\s+▣ /u },
        { region: 'tail', without: new RegExp(`^\\s+(?!▣ |${TIME})[^\\s┃]`, 'u') },
        AT_PROMPT,
      ],
      activity: 'complete',
      reason: 'done',
    },
    {
      // Nothing came of it but a message in a bar; what ended by itself would tell its time, and
      // what was interrupted would say so.
      name: 'opencode.error',
      when: [
        { region: 'head', line: /^\s+▣ +[^·]+ · [^·]+$/u },
        { region: 'turn', without: /^\s+[^\s┃▣]/u },
        { region: 'transcript', line: /^\s*┃ {2}\S/u },
        AT_PROMPT,
      ],
      activity: 'error',
      reason: 'api-error',
    },
    {
      name: 'opencode.ready',
      when: [
        { region: 'transcript', line: /[▀█▄]{2}.*[▀█▄]{2}/u },
        { region: 'screen', without: /^\s+▣ /u },
        AT_PROMPT,
      ],
      activity: 'complete',
      reason: 'ready',
    },
    { name: 'opencode.prompt', when: [AT_PROMPT], activity: 'idle', reason: 'prompt' },
  ],
  volatile: [/[⬝■]+/gu, /(?<![\d.])[\d.]{1,9}K \(\d{1,3}%\)/g],
};
