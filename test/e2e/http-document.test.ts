import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EVENT_NAMES } from '../../machines/vocabulary.ts';
import { acceptedBody, commandsBody } from '../../src/http/command-schemas.ts';
import { PROBLEMS } from '../../src/http/errors.ts';
import { enteredBody } from '../../src/http/login-schemas.ts';
import * as schemas from '../../src/http/schemas.ts';
import { startServer, TOKEN } from '../src/http/start.ts';
import { blocksOf } from '../support/page.ts';

const run = promisify(execFile);
const text = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8');

const blocks = (language: string) => blocksOf('api.md', language);
const commands = blocks('bash').flatMap(({ body }) => body.trim().split('\n'));

describe('docs/api.md', () => {
  it.each(commands)('has a command that works: %s', async (command) => {
    await using api = await startServer({ limits: { heartbeatMs: 20 } });
    api.monitor.commit({});
    const here = command
      .replaceAll('localhost:3848', `localhost:${api.port}`)
      .replaceAll('data/', `${api.dataDir}/`)
      .replace(/^curl -N (.*)$/, 'curl -sN $1 | head -n 1')
      .replace(
        /^curl /,
        process.platform === 'linux' ? 'curl ' : `curl -H "Authorization: Bearer ${TOKEN}" `,
      );
    const { stdout } = await run('bash', ['-c', here], { timeout: 20_000 });
    if (command.startsWith('curl -N')) expect(stdout).toBe('retry: 2000\n');
    else if (command.endsWith('/metrics')) expect(stdout).toMatch(/^# HELP /);
    else if (command.includes('state=busy')) schemas.problemBody.parse(JSON.parse(stdout));
    else expect(JSON.parse(stdout)).not.toHaveProperty('code');
  });

  it('has a WebSocket client that works', async () => {
    const snippet = blocks('js').find(({ heading }) => heading === 'WebSocket')?.body ?? '';
    await using api = await startServer();
    const here = snippet.replace('localhost:3848', `localhost:${api.port}`);
    const program = spawn(process.execPath, ['-e', here], { stdio: ['ignore', 'pipe', 'pipe'] });
    const lines = createInterface({ input: program.stdout });
    const first = once(lines, 'line');
    // Elsewhere than on Linux nobody is let in without the token, which such a client cannot send.
    const refused = once(program, 'exit').then(() => ['refused']);
    const [line] = await Promise.race([first, refused]);
    program.kill('SIGKILL');
    expect(line).toContain(process.platform === 'linux' ? '"type":"connected"' : 'refused');
  });

  it('has a program that finds who is stuck, and hears of what happens', async () => {
    const snippet = blocks('js').find(({ heading }) => heading === 'From Node')?.body ?? '';
    await using api = await startServer();
    const here = snippet.replace('data/', `${api.dataDir}/`).replace('3848', String(api.port));
    const program = spawn(process.execPath, ['--input-type=module', '-e', here], {
      ...{ cwd: join(import.meta.dirname, '../..'), stdio: ['ignore', 'pipe', 'inherit'] },
    });
    const ended = once(program, 'close');
    const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
    try {
      expect((await lines.next()).value).toBe("[ 'café ☕ /1' ]");
      const heard = lines.next();
      // It may not listen yet: until it hears of one, there is another.
      const telling = setInterval(() => api.monitor.commit({}), 50);
      expect((await heard).value).toBe('progress shop-api');
      clearInterval(telling);
    } finally {
      program.kill('SIGKILL');
      await ended;
    }
  });

  const { shape } = schemas.agentDetailBody;
  const { machine, rule, dialog, todos, indicatorsApproximate, transitions } = shape;
  const detail = { machine, rule, dialog, todos, indicatorsApproximate, transitions };
  it.each([
    ['Log in', enteredBody],
    ['Health', schemas.healthBody],
    ['Agents', schemas.agentsBody],
    ['One agent', z.strictObject(detail)],
    ['Look', schemas.lookBody],
    ['Output', schemas.outputBody],
    ['Interaction log', schemas.logBody],
    ['Send a command', acceptedBody],
    ['Command history', commandsBody],
    ['Kill', schemas.doneBody],
    ['Restart', schemas.doneBody],
    ['Events', schemas.eventsBody],
    ['Statistics', schemas.statsBody],
    ['Machines', schemas.machinesBody],
    ['Machine of an agent', schemas.machineBody],
    ['Errors', schemas.problemBody],
  ])('shows under "%s" what is answered', (heading, schema) => {
    const examples = blocks('json').filter((block) => block.heading === heading);
    expect(examples).toHaveLength(1);
    expect(schema.safeParse(JSON.parse(examples[0]?.body ?? '')).error).toBeUndefined();
  });

  it('lists every error with its status', () => {
    const listed = [...text.matchAll(/^\| (\d{3}) \| `(\w+)` \|/gm)].map(([, ...row]) =>
      row.join(),
    );
    const known = Object.entries(PROBLEMS).map(([code, [status]]) => `${status},${code}`);
    expect(listed.sort()).toEqual(known.sort());
  });

  it('names every event', () => {
    for (const name of EVENT_NAMES) expect(text).toContain(`\`${name}\``);
  });
});
