/** The daemon under a real PM2, which has a home of its own and is ended with the test. */

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MonitorEvent } from '../../machines/vocabulary.ts';
import { startEventReader } from '../support/event-reader.ts';
import { startPm2, type TestPm2 } from '../support/pm2.ts';
import { startRecordingAgent } from '../support/recording-agent.ts';
import { freePort } from '../support/redis.ts';
import { readStream } from '../support/relay.ts';
import { until } from '../support/until.ts';

describe('the daemon under PM2', { timeout: 120_000 }, () => {
  it('is online once its API answers, within the limits of ecosystem.config.js', async () => {
    await using pm2 = await createPm2();
    await pm2.sh('start', '--', 'shop api', 'web-*');

    expect(await pm2.get('/livez')).toEqual({ status: 'ok' });
    expect(await pm2.app()).toMatchObject({
      pm2_env: {
        status: 'online',
        args: ['shop api', 'web-*'],
        exec_mode: 'fork_mode',
        kill_timeout: 8_000,
        max_memory_restart: 500 * 1024 * 1024,
        max_restarts: 10,
        min_uptime: 10_000,
        treekill: false,
        wait_ready: true,
        axm_monitor: { API: { value: pm2.url } },
      },
    });
    expect(await pm2.sh('status')).toContain('agent-monitor');
    expect(pm2.log('out')).toContain('listens on http://');
    expect(pm2.saved()).toMatchObject([{ name: 'agent-monitor' }]);

    process.kill((await pm2.app()).pid, 'SIGKILL');
    await until('it is started again', async () => (await pm2.events()).length === 2 || null);
    expect(await pm2.app()).toMatchObject({ pm2_env: { status: 'online', restart_time: 1 } });

    // Taken from one port to another by a restart that says so, and to no port at all by none.
    pm2.env.API_PORT = String(await freePort());
    await pm2.sh('restart', '--update-env');
    expect(await pm2.get('/livez')).toEqual({ status: 'ok' });
    const { pid } = await pm2.app();
    const port = pm2.env.API_PORT;
    pm2.env.API_PORT = 'no port';
    for (const args of [['start'], ['restart', '--update-env']]) {
      await expect(pm2.sh(...args)).rejects.toThrow('API_PORT="no port": must be a whole number');
    }
    expect((await pm2.app()).pid).toBe(pid);

    // A start runs with what is set now, and with nothing that was set before.
    pm2.env.API_PORT = port;
    pm2.env.AGENT_MONITOR_LOG_LEVEL = 'warn';
    await pm2.sh('start');
    expect(await settingsOf(pm2)).toContain('AGENT_MONITOR_LOG_LEVEL=warn');
    delete pm2.env.AGENT_MONITOR_LOG_LEVEL;
    pm2.env.AGENT_MONITOR_DATA_DIR = join(pm2.folder, 'fresh');
    await pm2.sh('start');
    expect(await settingsOf(pm2)).toContain(`AGENT_MONITOR_DATA_DIR=${pm2.folder}/fresh`);
    expect((await settingsOf(pm2)).join()).not.toContain('LOG_LEVEL');

    await pm2.sh('stop');
    expect(await pm2.app()).toMatchObject({ pid: 0, pm2_env: { status: 'stopped', exit_code: 0 } });
    await expect(pm2.get('/livez')).rejects.toThrow('fetch failed');
    await pm2.sh('delete');
    expect(await pm2.list()).toEqual([]);
    expect(pm2.saved()).toEqual([]);
  });

  it('loses nothing over a reload and a restart: no event, no command', async () => {
    await using pm2 = await createPm2();
    await using agent = await startRecordingAgent(pm2.tmux, { name: 'shop-api' });
    await pm2.sh('start');
    await using reader = startEventReader(() => pm2.url);
    const asking = new AbortController();
    const asked = post(pm2, asking.signal);

    await sentIn(pm2, 3);
    await pm2.pm2('reload', 'agent-monitor');
    await sentIn(pm2, 6);
    await pm2.sh('restart');
    await sentIn(pm2, 9);
    asking.abort();
    const commands = await asked;

    await until('each command is sent', async () => {
      const found = await Promise.all(commands.map(({ id }) => pm2.get(`/api/commands/${id}`)));
      return found.every((command) => 'status' in command && command.status === 'sent') || null;
    });
    expect(agent.submitted()).toEqual(commands.map(({ text }) => text));

    await until('the reader and the stream have it all', async () => {
      const last = (await pm2.events()).at(-1)?.seq;
      const told = (await readStream(pm2.redis)).at(-1)?.[1].seq;
      return (reader.events.at(-1)?.seq === last && told === last) || null;
    });
    const journal = await pm2.events();
    expect(journal.map(({ seq }) => seq)).toEqual(journal.map((_, index) => index + 1));
    expect(reader.events).toEqual(journal);
    expect([reader.connections(), reader.resets()]).toEqual([3, 0]);
    expect((await readStream(pm2.redis)).map(([, event]) => event)).toEqual(journal);
    expect(namesIn(journal, /^command_queued$/)).toHaveLength(commands.length);
    expect(namesIn(journal, /^monitor_/)).toEqual([
      ...['monitor_started', 'monitor_stopped', 'monitor_started', 'monitor_stopped'],
      'monitor_started',
    ]);
  });

  it('is restarted in order above the memory limit', async () => {
    await using pm2 = await createPm2({
      limits: [["max_memory_restart: '500M'", "max_memory_restart: '20M'"]],
    });
    pm2.env.PM2_WORKER_INTERVAL = '2000';
    await pm2.sh('start');

    const events = await until('it was restarted', async () => {
      const journal = await pm2.events();
      return journal.length >= 3 ? journal : null;
    });
    expect(events.map(({ event }) => event).slice(0, 3)).toEqual([
      'monitor_started',
      'monitor_stopped',
      'monitor_started',
    ]);
    expect((await pm2.app()).pm2_env.restart_time).toBeGreaterThan(0);
  });

  it('is given up after so many starts in vain, and pm2.sh says why it does not run', async () => {
    await using pm2 = await createPm2({ limits: [['max_restarts: 10', 'max_restarts: 3']] });
    // A program on its port, which only a start can find out.
    pm2.env.API_PORT = String(pm2.redis.port);
    await expect(pm2.sh('start')).rejects.toThrow(
      /the daemon is not running: it ends again and again\nagent-monitor: API_PORT \d+ .* is taken/,
    );

    const status = async () => (await pm2.app()).pm2_env.status;
    await expect.poll(status, { timeout: 60_000, interval: 200 }).toBe('errored');
    expect((await pm2.app()).pm2_env.restart_time).toBe(2);
    expect(pm2.log('error').match(/is taken by another program/g)).toHaveLength(3);
  });
});

/** Also ended where the test runs out of time. */
const createPm2 = async (options: Parameters<typeof startPm2>[0] = {}): Promise<TestPm2> => {
  const pm2 = await startPm2(options);
  onTestFinished(() => pm2[Symbol.asyncDispose]());
  return pm2;
};

/** What the daemon's environment has. */
const settingsOf = async (pm2: TestPm2): Promise<string[]> =>
  readFileSync(`/proc/${(await pm2.app()).pid}/environ`, 'utf8').split('\0');

interface Posted {
  id: string;
  text: string;
}

/** Posts one command after the other, each as often as it takes until it is accepted. */
const post = async (pm2: TestPm2, signal: AbortSignal): Promise<Posted[]> => {
  const posted: Posted[] = [];
  while (!signal.aborted) {
    const text = `do #${posted.length + 1}.`;
    const key = randomUUID();
    posted.push({ id: await accepted(pm2, text, key), text });
    await delay(PAUSE_MS);
  }
  return posted;
};

const PAUSE_MS = 200;

const accepted = async (pm2: TestPm2, text: string, key: string): Promise<string> => {
  for (;;) {
    const response = await fetch(`${pm2.url}/api/agents/shop-api/command`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ command: text }),
    }).catch(() => null); // Nobody listens, or it was cut off: nobody knows whether it was taken.
    if (response?.status === 202) return ((await response.json()) as { id: string }).id;
    await response?.body?.cancel();
    await delay(20);
  }
};

const sentIn = (pm2: TestPm2, count: number): Promise<true> =>
  until(`${count} commands are sent`, async () => {
    const sent = (await pm2.events()).filter(({ event }) => event === 'command_sent');
    return sent.length >= count || null;
  });

const namesIn = (journal: MonitorEvent[], names: RegExp): string[] =>
  journal.map(({ event }) => event).filter((event) => names.test(event));
