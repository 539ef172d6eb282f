/** The simulated agent in a real pane: what tmux shows of it, and what it makes of what is typed. */

import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentOptions, type PaneAgent, startAgent } from '../support/simulated-agent.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';

let tmux: TestTmux;
const agents: PaneAgent[] = [];

beforeEach(async () => {
  tmux = await startTmux();
  await tmux.run('set-option', '-g', 'remain-on-exit', 'on');
});

afterEach(async () => {
  for (const agent of agents.splice(0)) await agent[Symbol.asyncDispose]();
  await tmux[Symbol.asyncDispose]();
});

const start = async (script: object | string, options?: AgentOptions): Promise<PaneAgent> => {
  const agent = await startAgent(tmux, script, options);
  agents.push(agent);
  return agent;
};

const turn = (...steps: object[]) => ({ turns: [{ steps }] });

const tell = (agent: PaneAgent, format: string): Promise<string> =>
  tmux.run('display-message', '-p', '-t', agent.paneId, format);

/** Waits until tmux says so of the pane. */
const told = async (agent: PaneAgent, format: string, wanted: string): Promise<void> => {
  await expect.poll(() => tell(agent, format), { timeout: 20_000 }).toBe(wanted);
};

const paste = async (agent: PaneAgent, text: string): Promise<void> => {
  await tmux.run(
    'set-buffer',
    '-b',
    'x',
    '--',
    text,
    ';',
    'paste-buffer',
    '-p',
    '-r',
    '-d',
    '-b',
    'x',
    '-t',
    agent.paneId,
  );
};

describe('a simulated agent in a pane', () => {
  it('looks like Claude Code to tmux', async () => {
    const agent = await start({ folder: '/home/user/project' });
    const screen = await agent.showing('? for shortcuts');
    expect(screen).toContain('Claude Code v2.1.330');
    expect(screen).toMatch(/^─{120}\n❯\s*\n─{120}\n {2}⏸ manual mode on/m);
    await told(agent, '#{pane_title}', '✳ Claude Code');
    expect(await tell(agent, '#{pane_current_command} #{alternate_on}')).toBe('claude 1');
    const argv = await readFile(`/proc/${agent.panePid}/cmdline`, 'utf8');
    expect(argv.replaceAll('\0', '')).toBe('claude');
  });

  it('submits what is typed, and says in its title that it works', async () => {
    const agent = await start(turn({ step: 'think' }), { stepped: true });
    await agent.type('Fix the 漢字 bug 🎉');
    await agent.showing('❯ Fix the 漢字 bug 🎉');
    await agent.press('Enter');
    expect(await agent.until('prompt')).toMatchObject({
      text: 'Fix the 漢字 bug 🎉',
      truth: 'reading',
    });
    await agent.showing('esc to interrupt');
    expect(await tell(agent, '#{pane_title}')).toMatch(/^[◐◑] Claude Code$/);
    await agent.order('next');
    expect(await agent.until('done')).toMatchObject({ truth: 'complete' });
    await agent.showing(/✻ \w+ for \d+s · done \d+:\d\d [AP]M/);
    await told(agent, '#{pane_title}', '✳ Claude Code');
  });

  it('stays at a dialog until a key answers it', async () => {
    const agent = await start('demo/scripts/tokenizer.json', { stepped: true });
    await agent.type('Fix it');
    await agent.press('Enter');
    await agent.until('prompt');
    for (let reply = await agent.order('next'); reply.phase === 'turn'; )
      reply = await agent.order('next');
    expect(await agent.until('dialog')).toMatchObject({ attention: 'approval', step: 'edit' });
    const screen = await agent.showing('Do you want to make this edit to parser.js?');
    expect(screen).toContain('❯ 1. Yes');
    expect(screen).toContain('0/3 tasks done · 1 in progress');
    await agent.press('Down');
    await agent.showing('❯ 2. Yes, and switch to accept edits');
    await agent.press('Up');
    await agent.showing('❯ 1. Yes');
    await agent.type('1');
    expect(await agent.until('edit')).toMatchObject({ truth: 'working', attention: 'none' });
  });

  it('submits a paste with newlines as one prompt', async () => {
    const agent = await start({});
    await agent.showing('? for shortcuts');
    await paste(agent, 'one\ntwo\nthree');
    await agent.showing(/❯ one\n {2}two\n {2}three/);
    await agent.press('Enter');
    expect(await agent.until('prompt')).toMatchObject({ text: 'one\ntwo\nthree' });
  });

  it('shows a long paste as a placeholder, and submits all of it', async () => {
    const agent = await start({});
    await agent.showing('? for shortcuts');
    const text = Array.from({ length: 300 }, (_, i) => `row ${i} of a paste`).join('\n');
    await paste(agent, text);
    await agent.showing('❯ [Pasted text #1 +299 lines]');
    await agent.press('Enter');
    expect(await agent.until('prompt')).toMatchObject({ text });
  });

  it('swallows a fast Enter where the script says so', async () => {
    const agent = await start({ swallowEnterMs: 10_000 });
    await agent.showing('? for shortcuts');
    await tmux.run(
      'send-keys',
      '-t',
      agent.paneId,
      '-l',
      'fast',
      ';',
      'send-keys',
      '-t',
      agent.paneId,
      'Enter',
    );
    await agent.until('enter-swallowed');
    expect((await agent.order('state')).draft).toBe('fast\n');
  });

  it('is interrupted by Escape', async () => {
    const agent = await start(turn({ step: 'read', files: ['a.ts'] }, { step: 'hang' }));
    await agent.type('Read it');
    await agent.press('Enter');
    await agent.until('hang');
    await agent.press('Escape');
    expect(await agent.until('interrupted')).toMatchObject({ truth: 'idle' });
    await agent.showing('Interrupted · What should Claude do instead?');
  });

  it('draws anew at every size', async () => {
    const agent = await start(turn({ step: 'say', text: 'word '.repeat(60).trim() }));
    await agent.type('Talk');
    await agent.press('Enter');
    await agent.until('done');
    await tmux.run('resize-window', '-t', agent.sessionId, '-x', '60', '-y', '20');
    const small = await agent.showing(/^─{60}\n❯\s*\n─{60}\n/m);
    const rows = small.split('\n').filter((row) => row.includes('word'));
    expect(rows.length).toBeGreaterThan(4);
    expect(small.match(/word/g)).toHaveLength(60);
    await tmux.run('resize-window', '-t', agent.sessionId, '-x', '140', '-y', '50');
    const large = await agent.showing(/^─{140}\n❯\s*\n─{140}\n/m);
    expect(large.match(/word/g)).toHaveLength(60);
  });

  it('restores the screen and leaves with its code', async () => {
    const agent = await start({}, { shell: true });
    await agent.showing('? for shortcuts');
    await agent.order('exit 3');
    expect(await agent.until('exit')).toMatchObject({ code: 3 });
    const screen = await agent.showing('left with 3');
    expect(screen).toMatch(/Resume this session with:\nclaude --resume \S+\nleft with 3/);
    expect(screen).not.toContain('? for shortcuts');
    expect(await tell(agent, '#{alternate_on} [#{pane_title}]')).toBe('0 []');
  });

  it('restores the screen when it is told to end', async () => {
    const agent = await start(turn({ step: 'hang' }));
    await agent.type('Hang');
    await agent.press('Enter');
    await agent.until('hang');
    process.kill(agent.panePid, 'SIGTERM');
    await told(agent, '#{pane_dead}', '1');
    expect(await tell(agent, '#{alternate_on}')).toBe('0');
  });

  it('draws on the main screen, where what scrolls away stays', async () => {
    const steps = [{ step: 'flood', lines: 200, ms: 300, text: 'line' }, { step: 'hang' }];
    const agent = await start({ screen: 'inline', turns: [{ steps }] });
    await agent.type('Print');
    await agent.press('Enter');
    await agent.until('hang');
    await agent.showing('line 200');
    expect(await tell(agent, '#{alternate_on}')).toBe('0');
    const all = await tmux.run('capture-pane', '-p', '-t', agent.paneId, '-S', '-');
    const lines = [...all.matchAll(/^\S? *line (\d+)$/gm)].map(([, number]) => Number(number));
    expect(lines).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  });

  it('draws the same when its frames come in pieces', async () => {
    const script = { ...turn({ step: 'say', text: 'In pieces.' }), frames: { pieces: 7 } };
    const agent = await start(script);
    await agent.type('Talk');
    await agent.press('Enter');
    await agent.showing('● In pieces.');
    const screen = await agent.showing(/─{120}\n❯\s*\n─{120}/);
    expect(screen).toContain('Claude Code v2.1.330');
  });

  it('refuses a bad script in words', async () => {
    const { paneId } = await tmux.newSession({
      command: `'${process.execPath}' demo/simulated-agent.ts package.json; echo "left with $?"; cat`,
      cwd: process.cwd(),
    });
    const screen = () => tmux.run('capture-pane', '-p', '-J', '-t', paneId);
    await expect.poll(screen, { timeout: 20_000 }).toContain('left with 2');
    expect(await screen()).toMatch(/^package\.json:\s+script: "name", "version"/);
  });
});
