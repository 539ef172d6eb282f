/** The figures of a real daemon: they follow what happens to it. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ended, send } from '../support/command-calls.ts';
import { startDaemon } from '../support/daemon.ts';
import { type Exposition, readExposition } from '../support/exposition.ts';
import { readQueries } from '../support/queries.ts';
import { startRecordingAgent } from '../support/recording-agent.ts';
import { startRedis } from '../support/redis.ts';
import { startTmux } from '../support/tmux.ts';
import { until } from '../support/until.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8');

const labelsListed = new Map(
  [...PAGE.matchAll(/^\| `(\w+)` \| \w+ \|([^|]*)\|/gm)].map(([, name = '', labels = '']) => [
    name,
    [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
  ]),
);

const labelsOf = ({ families }: Exposition): [string, string[]][] =>
  [...families].map(([name, { samples }]) => {
    const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
    labels.delete('le');
    return [name, [...labels]];
  });

/** The values that a query asks for, or leaves out, and that no series has; those of Prometheus' own labels aside. */
const unansweredBy = (
  { families }: Exposition,
  { name, matchers }: ReturnType<typeof readQueries>[number]['selectors'][number],
): string[] => {
  const { samples = [] } = families.get(name.replace(/_(?:bucket|count|sum)$/, '')) ?? {};
  return matchers.flatMap(({ label, op, value }) => {
    const values = op.endsWith('~') ? value.split('|') : [value];
    const there = new Set(samples.map(({ labels }) => labels[label]));
    const missing = label === 'job' ? [] : values.filter((each) => !there.has(each));
    return missing.map((each) => `${name}{${label}="${each}"}`);
  });
};

it('the figures of a daemon follow its agent, its commands, its callers and its Redis', async () => {
  await using tmux = await startTmux();
  await using redis = await startRedis();
  await using agent = await startRecordingAgent(tmux, { name: 'shop-api' });
  await using daemon = await startDaemon({ tmux, redis });
  const scrape = async () => readExposition(await (await fetch(`${daemon.url}/metrics`)).text());
  const scraped = (what: string, isWanted: (now: Exposition) => boolean) =>
    until(what, async () => {
      const now = await scrape();
      return isWanted(now) ? now : null;
    });

  await daemon.agent('shop-api', ({ state }) => state === 'complete');
  const kind = { agent: 'claude-code' };
  const seen = await scraped(
    'it has a client of its own',
    ({ value }) => value('agent_monitor_sessions_watched', { by: 'attached' }) === 1,
  );
  expect(seen.value('agent_monitor_sessions', { ...kind, state: 'complete' })).toBe(1);
  const first = { ...kind, from: 'none', to: 'complete' };
  expect(seen.value('agent_monitor_state_transitions_total', first)).toBe(1);
  expect(seen.value('agent_monitor_detection_latency_seconds_count')).toBeGreaterThanOrEqual(1);
  expect(seen.value('agent_monitor_tmux_clients')).toBe(3);
  expect(seen.value('agent_monitor_redis_up')).toBe(1);
  const states = { database: 'agent-state' };
  expect(seen.value('agent_monitor_sqlite_commit_seconds_count', states)).toBeGreaterThan(0);
  expect(seen.value('agent_monitor_disk_free_bytes')).toBeGreaterThan(0);

  const { id } = await send(daemon, 'shop-api', 'go on');
  expect(await ended(daemon, id)).toMatchObject({ status: 'sent' });
  await fetch(`${daemon.url}/api/agents`, { headers: { authorization: 'Bearer wrong' } });
  const typed = await scraped('it shows what was typed', ({ value }) => {
    const outcome = { outcome: 'sent' };
    const isShown = (value('agent_monitor_look_delay_seconds_count') ?? 0) > 0;
    return isShown && value('agent_monitor_commands_total', outcome) === 1;
  });
  expect(agent.submitted()).toEqual(['go on']);
  expect(typed.value('agent_monitor_output_bytes_total')).toBeGreaterThan(0);
  expect(typed.value('agent_monitor_command_wait_seconds_count')).toBe(1);
  expect(typed.value('agent_monitor_command_send_seconds_count')).toBe(1);
  expect(typed.value('agent_monitor_events_total', { event: 'command_queued' })).toBe(1);
  expect(typed.value('agent_monitor_auth_failures_total', { reason: 'unauthorized' })).toBe(1);
  const route = { method: 'POST', route: '/api/agents/:session/command', status: '202' };
  expect(typed.value('agent_monitor_http_request_duration_seconds_count', route)).toBe(1);

  await redis.kill();
  await scraped('Redis is away', ({ value }) => value('agent_monitor_redis_up') === 0);
  await ended(daemon, (await send(daemon, 'shop-api', 'and on')).id);
  const pending = ({ value }: Exposition, to: string) =>
    value('agent_monitor_outbox_pending', { to });
  await scraped(
    'events wait for Redis',
    (now) =>
      (pending(now, 'stream') ?? 0) > 0 &&
      (pending(now, 'jobs') ?? 0) > 0 &&
      (now.value('agent_monitor_outbox_oldest_age_seconds', { to: 'jobs' }) ?? 0) > 0,
  );
  await redis.start();
  await scraped(
    'Redis was told all',
    (now) =>
      now.value('agent_monitor_redis_up') === 1 &&
      pending(now, 'stream') === 0 &&
      pending(now, 'jobs') === 0,
  );

  const last = await scrape();
  expect([...last.families.keys()].toSorted()).toEqual([...labelsListed.keys()].toSorted());
  for (const [name, labels] of labelsOf(last)) {
    if (labels.length > 0)
      expect([name, labels.toSorted()]).toEqual([name, labelsListed.get(name)?.toSorted()]);
  }
  const asked = readQueries().flatMap(({ selectors }) => selectors);
  expect(asked.flatMap((selector) => unansweredBy(last, selector))).toEqual([]);
  // Nothing says whose session it is.
  const text = await (await fetch(`${daemon.url}/metrics`)).text();
  for (const told of ['shop-api', 'go on', daemon.dataDir]) expect(text).not.toContain(told);
});
