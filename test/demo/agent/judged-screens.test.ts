/** Whether the monitor judges each scripted state as the agent's own journal says it is. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { classify } from '../../../src/analysis/classify.ts';
import { type VirtualAgent, virtualAgent } from '../../support/virtual-agent.ts';

const TOKENIZER = JSON.parse(readFileSync('demo/scripts/tokenizer.json', 'utf8'));

const look = (agent: VirtualAgent, size = { columns: 120, rows: 40 }) =>
  classify({
    kind: 'claude-code',
    text: agent.screen(size).join('\n'),
    title: agent.title() ?? '',
    width: size.columns,
    height: size.rows,
    command: 'claude',
  });

/** An agent that got a prompt and then had `ms` to play the steps. */
const playing = (ms: number, ...steps: object[]): VirtualAgent => {
  const agent = virtualAgent({ turns: [{ steps }] });
  agent.submit('Do it');
  agent.pass(ms);
  return agent;
};

const QUESTION = {
  header: 'Format',
  question: 'Which format?',
  options: [{ label: 'Array', description: 'of strings' }, { label: 'Iterator' }],
};
const EDIT = { step: 'edit', file: 'src/a.ts', diff: [' a', '-b', '+c'] };
const WRITE = { step: 'write', file: 'src/b.ts', lines: ['one', 'two'] };
const BASH = { step: 'bash', command: 'npm test', ms: 9000 };

const STEPS: { what: string; ms: number; steps: object[] }[] = [
  { what: 'thinking', ms: 500, steps: [{ step: 'think' }] },
  { what: 'reading files', ms: 200, steps: [{ step: 'read', files: ['a.ts', 'b.ts'] }] },
  { what: 'searching', ms: 500, steps: [{ step: 'search', pattern: 'todo' }] },
  { what: 'fetching a page', ms: 500, steps: [{ step: 'fetch', url: 'https://example.com/a' }] },
  { what: 'a command', ms: 500, steps: [BASH] },
  { what: 'a command for some time', ms: 4000, steps: [BASH] },
  { what: 'after an edit', ms: 3000, steps: [EDIT, { step: 'think', ms: 9000 }] },
  { what: 'after writing a file', ms: 3000, steps: [WRITE, { step: 'think', ms: 9000 }] },
  {
    what: 'an answer that comes in',
    ms: 2000,
    steps: [{ step: 'say', text: 'a long answer '.repeat(200), ms: 9000 }],
  },
  { what: 'a flood of lines', ms: 1000, steps: [{ step: 'flood', lines: 900, ms: 3000 }] },
  { what: 'a retry', ms: 500, steps: [{ step: 'retry', attempts: 3 }] },
  { what: 'a silent model', ms: 40_000, steps: [{ step: 'hang' }] },
  { what: 'a model silent for long', ms: 70_000, steps: [{ step: 'hang' }] },
  { what: 'an API error', ms: 500, steps: [{ step: 'error', message: 'Repeated 529' }] },
  {
    what: 'no credit',
    ms: 500,
    steps: [{ step: 'error', credit: true, message: 'Credit balance too low · Add funds: x' }],
  },
  { what: 'a finished turn', ms: 1000, steps: [EDIT, { step: 'say', text: 'Done.' }] },
  { what: 'an edit to allow', ms: 500, steps: [{ ...EDIT, ask: true }] },
  { what: 'a file to allow', ms: 500, steps: [{ ...WRITE, ask: true }] },
  { what: 'a command to allow', ms: 500, steps: [{ ...BASH, ask: true }] },
  {
    what: 'a page to allow',
    ms: 500,
    steps: [{ step: 'fetch', url: 'https://example.com/a', ask: true }],
  },
  { what: 'a plan to allow', ms: 500, steps: [{ step: 'plan', text: '1. this\n2. that' }] },
  { what: 'a question', ms: 500, steps: [{ step: 'question', questions: [QUESTION] }] },
  {
    what: 'several questions',
    ms: 500,
    steps: [{ step: 'question', questions: [{ ...QUESTION, multi: true }, QUESTION] }],
  },
];

describe('the monitor judges what the agent plays', () => {
  it.each(STEPS)('$what', ({ ms, steps }) => {
    const agent = playing(ms, ...steps);
    expect(look(agent)).toMatchObject(agent.state().truth);
  });

  it.each(STEPS)('$what, in a small terminal', ({ ms, steps }) => {
    const agent = playing(ms, ...steps);
    expect(look(agent, { columns: 60, rows: 18 })).toMatchObject(agent.state().truth);
  });

  it('follows the whole scripted turn', () => {
    const agent = virtualAgent(TOKENIZER);
    const seen: unknown[] = [];
    const played: unknown[] = [];
    const watch = (ms: number) => {
      for (let passed = 0; passed < ms; passed += 500) {
        agent.pass(500);
        const { activity, attention, progress } = look(agent, { columns: 120, rows: 90 });
        const todos = agent.state().todos;
        const done = todos.filter(({ status }) => status === 'done').length;
        const hidden = todos.length === 0 || agent.state().phase.at === 'prompt';
        seen.push({ activity, attention, progress });
        played.push({
          ...agent.state().truth,
          progress: hidden ? null : Math.floor((100 * done) / todos.length),
        });
      }
    };
    watch(1500);
    agent.submit('Fix the tokenizer bug and add a test');
    watch(20_000);
    for (let dialogs = 0; dialogs < 3; dialogs += 1) {
      agent.type('1');
      watch(5000);
    }
    watch(15_000);
    expect(seen).toEqual(played);
    expect(agent.events().at(-1)).toBe('done');
  });

  it('calls the dialogs before the first prompt by their names', () => {
    expect(look(virtualAgent({ before: ['trust'] })).attention).toBe('trust');
    expect(look(virtualAgent({ before: ['api-key'] })).attention).toBe('login');
  });

  it('sees an interrupted turn as idle', () => {
    const agent = playing(1000, BASH);
    agent.key('escape');
    expect(look(agent).activity).toBe('idle');
    expect(agent.state().truth.activity).toBe('idle');
  });

  it('sees what stands in the composer', () => {
    const agent = virtualAgent({});
    expect(look(agent).composer.content).toBe('empty');
    agent.type('half a thought');
    expect(look(agent).composer).toEqual({ content: 'draft', text: 'half a thought' });
    agent.key('ctrl-u');
    agent.paste('a\nb\nc\nd\ne');
    expect(look(agent).composer).toEqual({ content: 'paste', text: '[Pasted text #1 +4 lines]' });
  });
});
