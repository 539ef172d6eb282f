import { describe, expect, it } from 'vitest';
import type { StoredCommand } from '../../../actors/ports.ts';
import type { AgentKind, MonitorEvent } from '../../../machines/vocabulary.ts';
import { createMetrics } from '../../../src/metrics/metrics.ts';
import { readExposition } from '../../support/exposition.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createFakeMonitor, EPOCH } from '../http/fake-monitor.ts';

const NOW = 1_760_000_000_000;

/** Figures over a monitor in memory, and what it is made of. */
const setUp = () => {
  const clock = createManualClock(NOW);
  const monitor = createFakeMonitor();
  const metrics = createMetrics('1.2.3');
  const changed: ((command: StoredCommand) => void)[] = [];
  const watched = new Map<string, { facts: { session: string; kind: AgentKind } }>([
    ['1', { facts: { session: 'shop-api', kind: 'claude-code' } }],
  ]);
  const state = {
    oldestQueuedAt: null as number | null,
    freeBytes: () => 5000,
    events: [] as MonitorEvent[],
    cursors: { published: 0, jobs: 0 } as Record<string, number>,
  };
  metrics.follow({
    ...{ monitor, watched, clock },
    commands: {
      oldestQueuedAt: () => state.oldestQueuedAt,
      onChange: (listener) => {
        changed.push(listener);
        return () => undefined;
      },
    },
    outbox: {
      last: () => state.events.at(-1)?.seq ?? 0,
      after: (seq, limit) => state.events.filter((event) => event.seq > seq).slice(0, limit),
      cursor: (consumer) => state.cursors[consumer] ?? 0,
    },
    tmuxClients: () => 3,
    freeBytes: () => state.freeBytes(),
  });
  const scrape = async () => readExposition(await metrics.text());
  return { clock, monitor, metrics, watched, state, changed, scrape };
};

const changeTo = (to: string, from: string | null, at: number): Partial<MonitorEvent> => ({
  ...{ event: 'state_change', session: 'shop-api', timestamp: at },
  ...{ state: to, prevState: from },
});

describe('what the events add up to', () => {
  it('counts changes of state, how long each lasted, and how late it was told', async () => {
    const { clock, monitor, scrape } = setUp();
    clock.advance(10_050);
    monitor.commit(changeTo('complete', 'working', NOW + 10_000));
    const { value } = await scrape();
    const agent = 'claude-code';
    const changes = { agent, from: 'working', to: 'complete' };
    expect(value('agent_monitor_state_transitions_total', changes)).toBe(1);
    const lasted = { agent, state: 'working' };
    expect(value('agent_monitor_state_duration_seconds_sum', lasted)).toBe(10);
    expect(value('agent_monitor_detection_latency_seconds_sum')).toBeCloseTo(0.05);
    expect(value('agent_monitor_events_total', { event: 'state_change' })).toBe(1);
  });

  it('does not take a deadline for a late look', async () => {
    const { monitor, scrape } = setUp();
    monitor.commit(changeTo('stuck', 'working', NOW - 60_000));
    expect((await scrape()).value('agent_monitor_detection_latency_seconds_count')).toBe(0);
  });

  it('counts no duration where it does not know since when', async () => {
    const { monitor, watched, scrape } = setUp();
    watched.set('2', { facts: { session: 'web', kind: 'codex' } });
    monitor.commit({ ...changeTo('reading', null, NOW), session: 'web' });
    monitor.commit({ ...changeTo('complete', 'working', NOW + 5000), session: 'web' });
    const { families, value } = await scrape();
    const first = { agent: 'codex', from: 'none', to: 'reading' };
    expect(value('agent_monitor_state_transitions_total', first)).toBe(1);
    expect(families.get('agent_monitor_state_duration_seconds')?.samples).toEqual([]);
  });

  it('follows a session that is renamed, and forgets one that is gone', async () => {
    const { monitor, watched, scrape } = setUp();
    watched.set('1', { facts: { session: 'api', kind: 'claude-code' } });
    monitor.commit({ event: 'session_renamed', session: 'api', previousSession: 'shop-api' });
    monitor.commit({ ...changeTo('error', 'working', NOW + 3000), session: 'api' });
    monitor.commit({ event: 'session_gone', session: 'api', timestamp: NOW + 4000 });
    monitor.commit({ ...changeTo('working', 'error', NOW + 9000), session: 'api' });
    const { value, families } = await scrape();
    const lasted = { agent: 'claude-code', state: 'working' };
    expect(value('agent_monitor_state_duration_seconds_sum', lasted)).toBe(3);
    const durations = families.get('agent_monitor_state_duration_seconds')?.samples ?? [];
    expect(durations.filter(({ labels }) => labels.state === 'error')).toEqual([]);
  });

  it('counts commands by how they ended, each from 0', async () => {
    const { monitor, scrape } = setUp();
    monitor.commit({ event: 'command_queued' });
    monitor.commit({ event: 'command_sent' });
    monitor.commit({ event: 'command_unknown' });
    monitor.commit({ event: 'command_resolved' });
    const { samples } = (await scrape()).families.get('agent_monitor_commands_total') ?? {};
    expect(samples?.map(({ labels, value }) => [labels.outcome, value])).toEqual([
      ['sent', 1],
      ['failed', 0],
      ['unknown', 1],
      ['expired', 0],
      ['cancelled', 0],
      ['rejected', 0],
    ]);
  });

  it('counts restarts by the actor', async () => {
    const { monitor, scrape } = setUp();
    monitor.commit({ event: 'actor_restarted', actor: 'relay', session: '' });
    const { value } = await scrape();
    expect(value('agent_monitor_actor_restarts_total', { actor: 'relay' })).toBe(1);
  });
});

describe('what is looked up', () => {
  it('is how the agents are, and what waits', async () => {
    const { clock, state, scrape } = setUp();
    state.oldestQueuedAt = NOW - 7000;
    state.events = [1, 2, 3].map((seq) => ({
      ...{ event: 'progress', session: 'shop-api', host: 'devbox', epoch: EPOCH },
      ...{ seq, timestamp: NOW + seq * 1000 },
    }));
    state.cursors = { published: 3, jobs: 1 };
    clock.advance(5000);
    const { value } = await scrape();
    const sessions = (agent: string, state: string) =>
      value('agent_monitor_sessions', { agent, state });
    expect(sessions('claude-code', 'working')).toBe(1);
    expect(sessions('claude-code', 'stuck')).toBe(0);
    expect(sessions('codex', 'stuck')).toBe(1);
    expect(sessions('gemini-cli', 'stuck')).toBeUndefined();
    expect(value('agent_monitor_command_queue_depth')).toBe(1);
    expect(value('agent_monitor_command_oldest_age_seconds')).toBe(12);
    expect(value('agent_monitor_outbox_pending', { to: 'stream' })).toBe(0);
    expect(value('agent_monitor_outbox_oldest_age_seconds', { to: 'stream' })).toBe(0);
    expect(value('agent_monitor_outbox_pending', { to: 'jobs' })).toBe(2);
    expect(value('agent_monitor_outbox_oldest_age_seconds', { to: 'jobs' })).toBe(3);
    expect(value('agent_monitor_check_ok', { check: 'store' })).toBe(1);
    expect(value('agent_monitor_check_ok', { check: 'supervisor' })).toBe(0);
    expect(value('agent_monitor_redis_up')).toBe(0);
    expect(value('agent_monitor_tmux_clients')).toBe(3);
    expect(value('agent_monitor_event_loop_delay_seconds', { stat: 'p99' })).toBeCloseTo(0.0031);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    const { node } = process.versions;
    expect(value('agent_monitor_build_info', { version: '1.2.3', node })).toBe(1);
  });

  it('has no number for a disk that cannot be asked, and one again when it can', async () => {
    const { state, scrape } = setUp();
    const free = async () => (await scrape()).value('agent_monitor_disk_free_bytes');
    expect(await free()).toBe(5000);
    state.freeBytes = () => {
      throw new Error('gone');
    };
    expect(await free()).toBeUndefined();
    state.freeBytes = () => 4000;
    expect(await free()).toBe(4000);
  });

  it('adds up CPU time over the scrapes without counting any twice', async () => {
    const { scrape } = setUp();
    const before = (await scrape()).value('process_cpu_seconds_total') ?? 0;
    const after = (await scrape()).value('process_cpu_seconds_total') ?? 0;
    expect(after).toBeGreaterThanOrEqual(before);
    const { user, system } = process.cpuUsage();
    expect(after).toBeLessThanOrEqual((user + system) / 1e6);
  });
});

describe('what is measured where it happens', () => {
  it('is how long commands waited and were typed, of those that were begun', async () => {
    const { changed, scrape } = setUp();
    const command = (times: Partial<StoredCommand>) =>
      ({ createdAt: 1000, startedAt: null, finishedAt: null, ...times }) as StoredCommand;
    for (const tell of changed) {
      tell(command({}));
      tell(command({ startedAt: 3000 }));
      tell(command({ startedAt: 3000, finishedAt: 3500 }));
      tell(command({ finishedAt: 9000 }));
    }
    const { value } = await scrape();
    expect(value('agent_monitor_command_wait_seconds_count')).toBe(1);
    expect(value('agent_monitor_command_wait_seconds_sum')).toBe(2);
    expect(value('agent_monitor_command_send_seconds_sum')).toBe(0.5);
  });

  it('is commits, output and looks', async () => {
    const { metrics, scrape } = setUp();
    const told = metrics.meters.commits('agent-state');
    told(0.002, true);
    told(0.1, false);
    metrics.meters.output.output(100);
    metrics.meters.output.output(20);
    metrics.meters.output.shown(0.04);
    const { value } = await scrape();
    const database = 'agent-state';
    expect(value('agent_monitor_sqlite_commit_seconds_count', { database })).toBe(2);
    expect(value('agent_monitor_sqlite_commit_failures_total', { database })).toBe(1);
    expect(value('agent_monitor_output_bytes_total')).toBe(120);
    expect(value('agent_monitor_look_delay_seconds_sum')).toBe(0.04);
  });

  it.each([
    ['/api/agents/:session/command', 'POST', 409, 1],
    ['/api/agents/:session/answer', 'POST', 400, 1],
    ['/api/agents/:session/interrupt', 'POST', 410, 1],
    ['/api/commands/:id/retry', 'POST', 429, 1],
    ['/api/agents/:session/command', 'POST', 202, 0],
    ['/api/agents/:session/commands', 'GET', 400, 0],
    ['/api/commands/:id/resolve', 'POST', 409, 0],
    [null, 'POST', 401, 0],
  ])('takes %s %s %i for %i rejected commands', async (route, method, status, rejected) => {
    const { metrics, scrape } = setUp();
    metrics.meters.http.answered({ method, route, status, seconds: 0.001 });
    const { value } = await scrape();
    expect(value('agent_monitor_commands_total', { outcome: 'rejected' })).toBe(rejected);
  });
});
