/** Whether the monitor counts the calls that the agent's own journal tells of, look for look. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { count, NOTHING_COUNTED } from '../../../machines/counting.ts';
import { classify } from '../../../src/analysis/classify.ts';
import { type VirtualAgent, virtualAgent } from '../../support/virtual-agent.ts';

const scriptOf = (name: string): object =>
  JSON.parse(readFileSync(`demo/scripts/${name}.json`, 'utf8'));

const turnAbout = (n: number): object => ({
  prompt: `Mend part ${n}`,
  afterMs: 1500,
  steps: [
    { step: 'think', ms: 800 },
    { step: 'read', files: [`src/a${n}.ts`, `src/b${n}.ts`], ms: 1000 },
    { step: 'bash', command: `git log -${n} -- src/a${n}.ts`, looks: true, ms: 800 },
    { step: 'say', text: `Cause number ${n} is found.` },
    {
      step: 'edit',
      file: `src/a${n}.ts`,
      line: 12,
      diff: ['-x', '+y'],
      ms: 800,
      ask: { answerAfterMs: 2500 },
    },
    { step: 'bash', command: `npm test -- a${n}`, output: ['7 passed'], ms: 1500 },
    { step: 'say', text: `Part ${n} is mended.` },
  ],
});

const SCRIPTS = [
  { script: 'tasks', plays: scriptOf('tasks'), seconds: 75 },
  { script: 'approval', plays: scriptOf('approval'), seconds: 120 },
  { script: 'five turns', plays: { turns: [1, 2, 3, 4, 5].map(turnAbout) }, seconds: 60 },
];
const SIZES = [
  { columns: 120, rows: 40 },
  { columns: 80, rows: 24 },
];

describe('the monitor counts each call once', () => {
  it.each(SCRIPTS.flatMap((script) => SIZES.map((size) => ({ ...script, ...size }))))(
    '$script at $columns × $rows',
    ({ plays, seconds, columns, rows }) => {
      const agent = virtualAgent(plays);
      let counted = NOTHING_COUNTED;
      for (let at = 0; at < seconds * 1000; at += LOOK_MS) {
        agent.pass(LOOK_MS);
        counted = count(counted, look(agent, { columns, rows }).sightings);
        // In mid-turn the journal is ahead: it tells a call when it is made, not when it is shown.
        if (agent.state().phase.at !== 'prompt') continue;
        expect(counted.indicators, `after ${at} ms`).toMatchObject(truthOf(agent));
      }
      expect(counted.indicators.filesRead).toBeGreaterThan(3);
    },
  );
});

describe('the demo scripts with tasks', () => {
  it.each(['tasks', 'tokenizer'])('%s: all tasks are seen to be done', (name) => {
    const agent = virtualAgent({ ...scriptOf(name), loop: false });
    agent.submit('Do it');
    let furthest = 0;
    for (let at = 0; at < 60_000; at += LOOK_MS) {
      agent.pass(LOOK_MS);
      if (agent.state().phase.at === 'dialog') agent.key('enter');
      furthest = Math.max(furthest, look(agent, { columns: 120, rows: 40 }).progress ?? 0);
    }
    expect(furthest).toBe(100);
  });
});

/** About as often as a busy pane is looked at. */
const LOOK_MS = 400;

const look = (agent: VirtualAgent, size: { columns: number; rows: number }) =>
  classify({
    kind: 'claude-code',
    text: agent.screen(size).join('\n'),
    title: agent.title() ?? '',
    width: size.columns,
    height: size.rows,
    command: 'claude',
  });

const truthOf = (agent: VirtualAgent) => {
  const notes = agent.notes();
  const times = (name: string) => notes.filter(({ event }) => event === name).length;
  return {
    filesRead: notes.reduce((sum, note) => sum + filesOf(note).length, 0),
    filesWritten: times('write'),
    filesEdited: times('edit'),
    bashCommands: times('bash'),
  };
};

const filesOf = (note: object): unknown[] =>
  'files' in note && Array.isArray(note.files) ? note.files : [];
