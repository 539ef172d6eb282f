/**
 * Claude Code, as versions 2.1.197 and 2.1.330 draw it: an input box between two rule lines, above
 * it the spinner's block, above that the transcript with its `●` blocks. Dialogs take the place of
 * the box, below a rule line of their own.
 */

import {
  AT_PROMPT,
  CONSENT,
  type Condition,
  type Profile,
  type Rule,
  SHELL_PROMPT,
} from '../profile.ts';

/** One symbol, as the spinner has it, followed by a space. Bullets, prompts and frames are none. */
const GLYPH = '[^\\s\\p{L}\\p{N}●○⏺◯∴❯›>│┃⎿├└╭╰─╌▔▎☐☒✔◻◼!#/\\\\\\[(]';

const spinner = (text: string) => new RegExp(`^${GLYPH} ${text}`, 'u');

const BUSY_TITLE = /^[◐◑◒◓⠀-⣿]/u;
const IDLE_TITLE = /^✳/u;

const DONE = spinner("\\p{L}[\\p{L}'’ -]{1,40} for (?:\\d+[hms] ?)+(?:·|$)");
/** What the agent, not the model, says in reply to a prompt. */
const reply = (text: string) => new RegExp(`^(?:[●⏺]|\\s{2}⎿)\\s{1,4}${text}`, 'u');

/** The service's own words follow: a status, or a sentence in brackets. */
const API_ERROR = 'API Error(?::(?: |$)| \\((?:\\d{3} |[A-Z][^()]*\\.\\)))';
const RESETS = '.{0,30} [·∙](?: resets\\b|$)';

/** The reply stands below the prompt or alone: a tool's output may quote anything. */
const REPLY: Condition = { region: 'outcome', line: /^(?:[❯>] |[●⏺] (?!\w+\())/u };
const NO_TURN: Condition = { region: 'transcript', without: /^[❯>●⏺✻] \S/u };
/** What stands at the top of a session; without it, the turn may be out of sight. */
const BANNER: Condition = {
  region: 'transcript',
  line: /[▀-▟]{2}|^[╭│ ].*\bClaude Code\b|\bWelcome (?:back|to)\b/u,
};
const EMPTY: Condition = { composer: ['empty', 'placeholder'] };

/** What a call's name is followed by. In a sentence about `main(args)` the words go on behind it. */
const ARGUMENTS = '\\((?![^()]*\\)(?:[,;:.]|[,;:.]? \\p{Ll}))';
/** A group of calls that still grows. */
const GROWING = '(?:[A-Z][a-z]+ing\\b|.*, [a-z]+ing (?:for )?\\d).*…(?: \\(|$)';
const AGENTS = '\\d+ (?:background )?agents? (?:launched|running|finished|completed)\\b|Agent "';
/** Prose as the last block: no call of a tool, and nothing that is still being done. */
const ANSWER: Condition = {
  region: 'head',
  line: new RegExp(
    `^[●⏺] (?![A-Z]\\w+(?: [A-Z]\\w+)?${ARGUMENTS}|mcp__|.{1,80} \\(MCP\\)|${GROWING}|${AGENTS})\\S`,
    'u',
  ),
};
const NO_ANSWER = /^ {2}(?:⎿|(?:Thought|Thinking) for \d|[A-Z][a-z]+ (?:for )?\d+ [a-z]+)/u;

const running: Rule[] = [
  {
    name: 'claude-code.retrying',
    when: [{ region: 'head', line: spinner('[^·]+ · (?:[Rr]etrying|will retry)\\b') }],
    activity: 'turn',
    reason: 'retrying',
  },
  {
    name: 'claude-code.compacting',
    when: [{ region: 'head', line: spinner('Compacting [^…]{1,60}…') }],
    activity: 'turn',
    reason: 'compacting',
  },
  {
    name: 'claude-code.spinner',
    when: [{ region: 'head', line: spinner('[^…]{1,300}…(?: \\([^()]*\\)?)?$') }],
    activity: 'turn',
    reason: 'thinking',
  },
  {
    name: 'claude-code.background-agents',
    when: [
      { region: 'head', line: spinner('Waiting for \\d+ ') },
      { region: 'footer', line: /^\s+◯ .*\ds\b/u },
    ],
    activity: 'turn',
    reason: 'background',
    toolRunning: true,
  },
  {
    name: 'claude-code.background-title',
    when: [
      { region: 'head', line: spinner('Waiting for \\d+ ') },
      { region: 'title', without: IDLE_TITLE },
    ],
    activity: 'turn',
    reason: 'background',
    toolRunning: true,
  },
  {
    name: 'claude-code.interruptible',
    when: [{ region: 'footer', line: /(?:^\s*|· )esc to i[nterup]*(?:…| ·|\s{2}|$)/u }],
    activity: 'turn',
    reason: 'streaming',
  },
  {
    name: 'claude-code.title',
    when: [{ region: 'title', line: BUSY_TITLE }],
    activity: 'turn',
    reason: 'streaming',
  },
];

const ended: Rule[] = [
  {
    name: 'claude-code.interrupted',
    when: [
      {
        region: 'tail',
        line: /^ {2}⎿\s+(?:Interrupted(?: ·| by user|$)|\[?Request interrupted\b|User rejected\b|No \(tell Claude)/u,
      },
      AT_PROMPT,
    ],
    activity: 'idle',
    reason: 'interrupted',
  },
  {
    name: 'claude-code.declined',
    when: [
      {
        region: 'head',
        line: /^[●⏺]\s+(?:\[Request interrupted\b|Declined to answer Claude['’]s questions|User declined to answer questions$)/u,
      },
      AT_PROMPT,
    ],
    activity: 'idle',
    reason: 'interrupted',
  },
  {
    name: 'claude-code.api-error',
    when: [{ region: 'outcome', line: new RegExp(`^[●⏺] ${API_ERROR}`, 'u') }, AT_PROMPT],
    activity: 'error',
    reason: 'api-error',
  },
  {
    name: 'claude-code.login-error',
    when: [
      {
        region: 'outcome',
        line: reply('(?:.{0,120} · )?(?:Please run /login|Invalid API key)(?: ·|$)'),
      },
      REPLY,
      AT_PROMPT,
    ],
    activity: 'error',
    reason: 'login-failed',
  },
  {
    name: 'claude-code.limit-error',
    when: [
      {
        region: 'outcome',
        line: reply(
          `(?:Claude (?:AI )?usage limit reached\\b|.{0,60}\\blimit reached ?(?:[·∙|]|$)|.{0,60}(?:\\blimit|\\bout of (?:extra )?usage)${RESETS})`,
        ),
      },
      REPLY,
      AT_PROMPT,
    ],
    activity: 'error',
    reason: 'usage-limit',
  },
  {
    name: 'claude-code.refused',
    when: [
      {
        region: 'outcome',
        line: reply(
          `(?:Credit balance (?:is )?too low(?: ·|$)|Prompt is too long(?: ·|$)|${API_ERROR})(?!.*[Rr]etrying in)`,
        ),
      },
      REPLY,
      AT_PROMPT,
    ],
    activity: 'error',
    reason: 'api-error',
  },
  {
    name: 'claude-code.resend',
    when: [
      { region: 'tail', line: reply('\\S') },
      {
        region: 'composer',
        line: /^❯ (?:Resend your message to try again|Once fixed, resend your message)$/u,
      },
      { composer: ['placeholder'] },
    ],
    activity: 'error',
    reason: 'api-error',
  },
  {
    name: 'claude-code.done',
    when: [{ region: 'turn', line: DONE }, AT_PROMPT],
    activity: 'complete',
    reason: 'done',
  },
  {
    // Versions differ in how long a turn must have been for its time to be told.
    name: 'claude-code.answered',
    when: [ANSWER, { region: 'tail', without: NO_ANSWER }, EMPTY],
    activity: 'complete',
    reason: 'done',
  },
  {
    name: 'claude-code.command',
    when: [{ region: 'head', line: /^(?:[❯>] \/|! )\S/u }, AT_PROMPT],
    activity: 'complete',
    reason: 'ready',
  },
];

/** Prompts at which no turn is to be seen. */
const quiet: Rule[] = [
  {
    name: 'claude-code.scrolled',
    when: [
      { region: 'title', line: IDLE_TITLE },
      { region: 'tail', line: /\bJump to bottom \(/ },
      AT_PROMPT,
    ],
    activity: 'complete',
    reason: 'done',
  },
  {
    name: 'claude-code.menu',
    when: [{ region: 'composer', line: /^(?:!|[❯>] \/\S*$)/u }, NO_TURN, BANNER],
    activity: 'complete',
    reason: 'ready',
  },
  {
    name: 'claude-code.ready',
    when: [EMPTY, NO_TURN, BANNER],
    activity: 'complete',
    reason: 'ready',
  },
  {
    name: 'claude-code.blank',
    when: [
      EMPTY,
      { region: 'transcript', without: /^\s{0,29}\S/ },
      { region: 'composer', without: /\b[Rr]esend\b/ },
      { region: 'footer', without: /^\s+[◯○] /u },
    ],
    activity: 'complete',
    reason: 'ready',
  },
  {
    // A prompt that was interrupted while thinking comes back as a draft, and no line says so.
    name: 'claude-code.draft',
    when: [{ composer: ['draft', 'paste'] }, NO_TURN],
    activity: 'idle',
    reason: 'draft',
  },
  { name: 'claude-code.prompt', when: [AT_PROMPT], activity: 'idle', reason: 'prompt' },
  {
    name: 'claude-code.transcript-view',
    when: [
      { region: 'screen', line: /^\s+Showing detailed transcript · / },
      { composer: ['absent'] },
      { region: 'turn', line: DONE },
      { region: 'title', line: IDLE_TITLE },
    ],
    activity: 'complete',
    reason: 'done',
  },
  {
    name: 'claude-code.exited',
    when: [
      { region: 'screen', line: /^Resume this session with:$/ },
      { region: 'screen', line: /^claude --resume \S+$/ },
      // Nothing was started since: a shell's prompt, or nothing, stands below.
      { region: 'last', line: /^claude --resume \S+$|[$#%❯»] ?$/u },
    ],
    activity: 'error',
    reason: 'exited',
  },
];

export const claudeCode: Profile = {
  kind: 'claude-code',
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
  dialog: {
    border: { left: /^ ?│ ?/u, right: '│' },
    foreign: /^(?:[●⏺] \S|[❯>] (?!\d+\.))/u,
    cursor: '❯',
    shown: [
      'Esc to cancel',
      'Enter to confirm',
      'Enter to select',
      'Do you want to ',
      'Would you like to ',
    ],
    hint: /(?:^\s*|· )(?:Enter|Esc) to \w/,
    below: /^\s*(?:$|╰─+╯$|↑ \d+ more lines?|\d+\/\d+ tasks done|\d+ tasks \(|[✔◼◻☐☒✓] |… \+\d+ )/u,
    keys: 'number',
    rules: [
      { name: 'claude-code.trust', attention: 'trust', option: /^Yes, I trust\b/ },
      { name: 'claude-code.trust', attention: 'trust', question: /^Do you trust\b/ },
      {
        name: 'claude-code.login',
        attention: 'login',
        question: /^Do you want to use this API key/,
      },
      { name: 'claude-code.login', attention: 'login', opening: /^\s*Select login method/ },
      { name: 'claude-code.limit', attention: 'limit', option: /^(?:Stop and wait for|Upgrade\b)/ },
      {
        name: 'claude-code.question',
        attention: 'question',
        opening: /^\s*(?:←\s+)?[☐☒✔] /u,
      },
      {
        name: 'claude-code.question',
        attention: 'question',
        option: /^(?:\[ \] )?(?:Type something|Chat about this)\b/,
      },
      {
        name: 'claude-code.approval',
        attention: 'approval',
        question: /(?:^|[.!?:] )(?:Do you want|Would you like) to\b/,
      },
      { name: 'claude-code.approval', attention: 'approval', option: CONSENT },
      { name: 'claude-code.approval', attention: 'approval', pending: true },
      { name: 'claude-code.other-dialog', attention: 'other-dialog' },
    ],
  },
  tools: {
    calls: [
      { tool: 'read', line: /^[●⏺ ] (?:Read|NotebookRead)\((?<target>[^)]*)/u },
      { tool: 'edit', line: /^[●⏺ ] (?:Update|Edit|MultiEdit|NotebookEdit)\((?<target>[^)]*)/u },
      { tool: 'write', line: /^[●⏺ ] (?:Write|Create)\((?<target>[^)]*)/u },
      { tool: 'bash', line: /^[●⏺ ] (?:Bash|Shell)\((?<target>.*?)\)?$/u },
      { tool: 'search', line: /^[●⏺ ] (?:Search|Grep|Glob|List|LS)\((?<target>.*?)\)?$/u },
      {
        tool: 'other',
        line: /^[●⏺ ] (?:Fetch|Web ?Search|Web ?Fetch|ToolSearch|Agent|Task|Explore|Plan)\((?<target>.*?)\)?$/u,
      },
      { tool: 'other', line: /^[●⏺ ] (?<count>\d+) (?:background )?agents? launched/u },
      {
        tool: 'other',
        line: new RegExp(
          `^[●⏺] (?<target>(?:[A-Za-z][\\w .:-]{0,80} \\(MCP\\)|[A-Za-z][\\w.:-]{0,60}(?: [A-Z]\\w{0,30}){0,2})${ARGUMENTS}.*?)\\)?$`,
          'u',
        ),
        changes: true,
      },
    ],
    results: [
      { tool: 'write', line: /^ {2}⎿ +Wrote \d/u },
      { tool: 'edit', line: /^ {2}⎿ +(?:Added|Removed|Updated|Replaced) \S/u },
    ],
    group: {
      line: /^[●⏺ ] ([A-Z][^…]*?)(?: · \d+ failed| · \d+s)?…?(?: · \d+ failed)?(?: \(ctrl\+\w to expand\))?$/u,
      parts: [
        {
          tool: 'think',
          line: /^th(?:ought|inking) for (?:(?<minutes>\d+)m ?)?(?:(?<seconds>\d+)s)?$/i,
        },
        { tool: 'search', line: /^search(?:ed|ing) for (?<count>\d+) patterns?$/i },
        { tool: 'search', line: /^list(?:ed|ing) (?<count>\d+) director(?:y|ies)$/i },
        { tool: 'read', line: /^read(?:ing)? (?<count>\d+) files?$/i },
        { tool: 'write', line: /^(?:wrote|writing|created|creating) (?<count>\d+) files?$/i },
        { tool: 'edit', line: /^edit(?:ed|ing) (?<count>\d+) files?$/i },
        { tool: 'bash', line: /^r(?:an|unning) (?<count>\d+) (?:shell|bash) commands?$/i },
        { tool: 'other', line: /^[a-z]+ing? (?<count>\d+) (?:pages?|tools?|agents?)$/i },
      ],
      doing: [
        { tool: 'read', line: /^Reading \S/ },
        { tool: 'search', line: /^(?:Searching|Listing|Finding) \S/ },
      ],
      current: /^ {2}⎿ {1,2}(\S.*)$/u,
      growing: /…$/u,
      waiting: /^\s*Waiting for permission…/u,
      command: /^\$ (.*?)(?: \((?:\d+m ?)?\d+s\))?$/,
    },
    running: /⎿\s+Running…|· (?:\d+m ?)?\d+s…?$|\((?:\d+m ?)?\d+s\)$/u,
    result: {
      line: /^ {2}⎿/u,
      waiting: /^ {2}⎿\s+Waiting…/u,
      failed: /^ {2}⎿\s+Error\b/u,
      refused:
        /^(?:[●⏺ ] Did not run \d| {2}⎿\s+(?:User rejected|No \(tell Claude|Interrupted\b))/u,
    },
  },
  todos: {
    line: /^\s*(?:⎿\s+)?(?:(?<done>[✔☒✓])|(?<doing>[◼])|(?<open>[◻☐])) (?<text>\S.*)$/u,
    summary:
      /^\s*(?:(?<done>\d+)\/(?<total>\d+) tasks done|(?<total>\d+) tasks \((?<done>\d+) done)/,
  },
  rules: [...running, ...ended, ...quiet],
  volatile: [/[↑↓] [\d.]{1,9}k? tokens/g],
};
