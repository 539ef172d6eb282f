/** The drawing against screens captured from Claude Code 2.1.330 in tmux 3.3a, November 2026. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type VirtualAgent, virtualAgent } from '../../support/virtual-agent.ts';

interface Case {
  recorded: string;
  script?: object;
  size?: { columns: number; rows: number };
  drive: (agent: VirtualAgent) => void;
}

const TOKENIZER = JSON.parse(readFileSync('demo/scripts/tokenizer.json', 'utf8'));
const INLINE = { ...TOKENIZER, screen: 'inline' };
const SMALL = { columns: 80, rows: 24 };

/** The moments of the recorded turn, each reached from the one before. */
const TURN: [string, (agent: VirtualAgent) => void][] = [
  ['idle-fresh', (agent) => agent.pass(1600)],
  ['thinking-before-first-token', (agent) => agent.submit('Fix the tokenizer bug and add a test')],
  ['thinking', (agent) => agent.pass(3300)],
  ['bash-grep-running', (agent) => agent.pass(5600)],
  ['tasks-0-of-3', (agent) => agent.pass(3000)],
  ['tasks-in-progress-1', (agent) => agent.pass(1500)],
  ['permission-edit', (agent) => agent.pass(3300)],
  ['tasks-1-of-3', (agent) => allow(agent)],
  ['permission-write', (agent) => agent.pass(2400)],
  ['tasks-2-of-3', (agent) => allow(agent)],
  ['permission-bash', (agent) => agent.pass(1500)],
  [
    'bash-running',
    (agent) => {
      agent.type('1');
      agent.pass(3300);
    },
  ],
  ['complete', (agent) => agent.pass(20_000)],
];

/** Drives the recorded turn as far as the named moment. */
const until = (moment: string) => (agent: VirtualAgent) => {
  const last = TURN.findIndex(([name]) => name === moment);
  for (const [, drive] of TURN.slice(0, last + 1)) drive(agent);
};

const allow = (agent: VirtualAgent): void => {
  agent.type('1');
  agent.pass(900);
};

const FORMAT = {
  header: 'Format',
  question: 'Which output format should the tokenizer use?',
  options: [
    { label: 'Array', description: 'Plain array of strings' },
    { label: 'Iterator', description: 'Lazy generator' },
    { label: 'Objects', description: 'Objects with position' },
  ],
};
const EXTRAS = {
  header: 'Extras',
  question: 'Which extras do you want?',
  options: [
    { label: 'Types', description: 'd.ts file' },
    { label: 'Docs', description: 'README section' },
  ],
  multi: true,
};
const QUESTIONS = {
  mode: 'accept-edits',
  turns: [
    {
      steps: [
        { step: 'say', text: 'One question first.' },
        { step: 'question', questions: [FORMAT] },
        { step: 'question', questions: [FORMAT, EXTRAS] },
      ],
    },
  ],
};
/** Both questions at once, as they were asked when these screens were recorded. */
const BOTH = {
  mode: 'accept-edits',
  turns: [
    {
      steps: [
        { step: 'say', text: 'One question first.' },
        { step: 'question', questions: [FORMAT, EXTRAS] },
      ],
    },
  ],
};
const inBoth = (recorded: string, ...keys: string[]): Case => ({
  recorded,
  script: BOTH,
  drive: (agent) => {
    agent.submit('Improve the tokenizer');
    for (const key of keys) {
      if (/^[a-z]+$/.test(key)) agent.key(key);
      else agent.type(key);
    }
  },
});
const accepting = (...steps: object[]) => ({ mode: 'accept-edits', turns: [{ steps }] });
const EDIT_ONLY = {
  turns: [
    {
      steps: [
        { step: 'read', files: ['src/parser.js'], ms: 300 },
        TOKENIZER.turns[0].steps.find(({ step }: { step: string }) => step === 'edit'),
        { step: 'say', text: 'Done with the edit.' },
      ],
    },
  ],
};

const CASES: Case[] = [
  ...['29-idle-fresh', '31-thinking-before-first-token', '33-thinking', '37-bash-grep-running'],
  ...['39-tasks-0-of-3', '41-tasks-in-progress-1', '43-permission-edit', '45-tasks-1-of-3'],
  ...['47-permission-write', '49-tasks-2-of-3', '51-permission-bash', '53-bash-running'],
  '57-complete',
].map((recorded) => ({ recorded, drive: until(recorded.replace(/^\d+-/, '')) }));
CASES.push(
  ...['160-permission-edit', '162-tasks-1-of-3', '163-permission-write'].map((recorded) => ({
    recorded,
    size: SMALL,
    drive: until(recorded.replace(/^\d+-/, '')),
  })),
  ...[
    '176-idle-fresh',
    '178-thinking',
    '184-permission-edit',
    '185-tasks-1-of-3',
    '191-complete',
  ].map((recorded) => ({ recorded, script: INLINE, drive: until(recorded.replace(/^\d+-/, '')) })),
  {
    recorded: '170-tiny-permission-edit',
    script: EDIT_ONLY,
    size: { columns: 60, rows: 15 },
    drive: (agent) => {
      agent.submit('Read and edit');
      agent.pass(1000);
    },
  },
  {
    recorded: '171-tiny-complete',
    script: EDIT_ONLY,
    size: { columns: 60, rows: 15 },
    drive: (agent) => {
      agent.submit('Read and edit');
      agent.pass(1000);
      allow(agent);
      agent.pass(9000);
    },
  },
  {
    recorded: '72-api-500-retrying',
    script: accepting({ step: 'retry' }),
    drive: (agent) => agent.submit('Look at the parser'),
  },
  {
    recorded: '77-api-529-failed',
    script: accepting({
      step: 'error',
      message:
        'Repeated 529 Overloaded errors. The API is at capacity — this is usually temporary. Try again in a moment. If it persists, check your inference gateway (127.0.0.1:18080).',
    }),
    drive: (agent) => agent.submit('Look at the parser'),
  },
  {
    recorded: '91-api-credit-low',
    script: accepting({
      step: 'error',
      credit: true,
      message: 'Credit balance too low · Add funds: https://platform.claude.com/settings/billing',
    }),
    drive: (agent) => agent.submit('Look at the parser'),
  },
  {
    recorded: '75-api-500-recovered',
    script: accepting(
      { step: 'retry', attempts: 10 },
      { step: 'say', text: 'Recovered and finished the explanation.' },
    ),
    drive: (agent) => {
      agent.submit('Look at the parser');
      agent.pass(11_000);
    },
  },
  {
    recorded: '98-api-stream-cut',
    script: accepting({ step: 'say', text: 'I will now look at the' }),
    drive: (agent) => agent.submit('Look at the parser'),
  },
  {
    recorded: '73-ask-user-question',
    script: QUESTIONS,
    drive: (agent) => agent.submit('Improve the tokenizer'),
  },
  {
    recorded: '80-ask-user-question-multi-tab2',
    script: QUESTIONS,
    drive: (agent) => {
      agent.submit('Improve the tokenizer');
      agent.type('1');
      agent.key('tab');
    },
  },
  {
    recorded: '81-ask-user-question-declined',
    script: QUESTIONS,
    drive: (agent) => {
      agent.submit('Improve the tokenizer');
      agent.type('1');
      agent.pass(20_000);
      agent.key('escape');
    },
  },
  ...[
    inBoth('question-cursor-on-text', 'down', 'down', 'down'),
    inBoth('question-with-text', 'down', 'down', 'down', 'a stream, lazily'),
    inBoth('question-ticks-cursor-on-text', 'tab', '1', 'down', 'down'),
    inBoth('question-ticks-with-text', 'tab', '1', 'down', 'down', 'a changelog'),
    inBoth('question-ticks-at-submit', 'tab', '1', 'down', 'down', 'a changelog', 'down'),
    inBoth(
      'question-review-unanswered',
      ...['tab', '1', 'down', 'down', 'a changelog', 'down', 'enter'],
    ),
    inBoth(
      'question-review',
      ...[
        'down',
        'down',
        'down',
        'a stream, lazily',
        'enter',
        '2',
        'down',
        'down',
        'down',
        'enter',
      ],
    ),
  ],
  { recorded: '02-trust-folder-dialog', script: { before: ['trust'] }, drive: () => {} },
  {
    recorded: '03-trust-folder-dialog-yes',
    script: { before: ['trust'] },
    drive: (agent) => agent.key('down'),
  },
  { recorded: '04-api-key-dialog', script: { before: ['api-key'] }, drive: () => {} },
  ...[
    { recorded: '13-hang-45s', ms: 44_000 },
    { recorded: '15-hang-75s', ms: 72_000 },
  ].map(({ recorded, ms }) => ({
    recorded,
    script: accepting({ step: 'read', files: ['src/parser.js'] }, { step: 'hang' }),
    drive: (agent: VirtualAgent) => {
      agent.submit('Explain the parser');
      agent.pass(ms);
    },
  })),
  {
    recorded: '99-interrupted',
    script: accepting({ step: 'think' }),
    drive: (agent) => {
      agent.submit('Think about it');
      agent.pass(1000);
      agent.key('escape');
    },
  },
  {
    recorded: '100-idle-with-draft',
    script: accepting(),
    drive: (agent) => agent.type('Think about ithalf written prompt'),
  },
);

describe('the simulated agent draws as recorded', () => {
  it.each(CASES)('$recorded', ({ recorded, script = TOKENIZER, size, drive }) => {
    const agent = virtualAgent(script);
    drive(agent);
    const file = `test/fixtures/simulated-agent/${recorded}.txt`;
    const expected = structureOf(readFileSync(file, 'utf8').split('\n'));
    const drawn = structureOf(agent.screen(size));
    const scrolled = script === INLINE ? Math.max(0, drawn.length - expected.length) : 0;
    expect(drawn.slice(scrolled)).toEqual(expected);
  });
});

/** What stays when chance words, times, counts and blinking bullets are made alike. */
const structureOf = (lines: string[]): string[] => {
  const kept = lines.map((line) =>
    line
      .trimEnd()
      .replace(/^[·✢*✶✻✽] [A-Z]\w+… ?/, '* Verb… ')
      .replace(/^[·✢*✶✻✽] (.+…) \(/, '* $1 (')
      .replace(/\((?:\d+m )?\d+s · ↓ \d+ tokens(?: · [a-z ]*(?:\d+s)?)?\)/, '(figures)')
      .replace(/^(\S) [A-Z]\w+ for [\dms ]+ · done \d+:\d\d [AP]M/, '$1 Verb for time')
      .replace(/Thought for \d+s/, 'Thought for time')
      .replace(/retry in [\dms ]+ ·/, 'retry in time ·')
      .replace(/^● (Reading|Running|Searching)/, '  $1')
      .replace(/^( {2}Searching .*) · \d+s$/, '$1')
      .trimEnd(),
  );
  while (kept.at(-1) === '') kept.pop();
  return kept;
};
