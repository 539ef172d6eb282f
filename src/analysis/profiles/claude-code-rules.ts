/** What Claude Code's drawing means. */

import { AT_PROMPT, type Condition, type Rule } from '../profile.ts';
import { ARGUMENTS, BUSY_TITLE, DONE, IDLE_TITLE, spinner } from './claude-code-marks.ts';

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

/** A group of calls that still grows. */
const GROWING = '(?:[A-Z][a-z]+ing\\b|.*, [a-z]+ing (?:for )?\\d).*…(?: \\((?:ctrl\\+|\\d)|$)';
const AGENTS =
  '\\d+ (?:background )?agents? (?:launched|running|finished|completed)(?:…|$| \\()|Agent "[^"]+" \\w+(?:$| ·)';
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
    // No model answers in no time: the turn failed, and in a low pane why is out of sight.
    name: 'claude-code.failed-above',
    when: [
      { region: 'tail', line: spinner("\\p{L}[\\p{L}'’ -]{1,40} for 0s(?: ·|$)") },
      { region: 'outcome', without: /\S/ },
      AT_PROMPT,
    ],
    activity: 'idle',
    reason: 'prompt',
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
    name: 'claude-code.cleared',
    when: [{ region: 'head', line: /^[❯>] \/(?:clear|new|reset)(?:\s|$)/u }, AT_PROMPT],
    activity: 'complete',
    reason: 'ready',
  },
  {
    name: 'claude-code.command',
    when: [{ region: 'head', line: /^(?:[❯>] \/|! )\S/u }, AT_PROMPT],
    activity: 'complete',
    reason: 'command',
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

export const rules: readonly Rule[] = [...running, ...ended, ...quiet];
