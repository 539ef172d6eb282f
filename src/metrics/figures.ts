/** Every figure by its name, with what it means and in which unit. `docs/metrics.md` lists them. */

import {
  Counter,
  Gauge,
  Histogram,
  type PrometheusContentType,
  type Registry,
} from '@prometheus-io/client';

export type MetricsRegistry = Registry<PrometheusContentType>;
export type Figures = ReturnType<typeof createFigures>;

const PREFIX = 'agent_monitor_';

const BUCKETS = {
  commit: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  sight: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  send: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  wait: [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 21_600, 86_400],
  state: [1, 5, 15, 60, 300, 900, 3600, 14_400, 43_200],
  http: [0.002, 0.005, 0.02, 0.1, 0.5, 2, 10, 30, 60],
};

export const createFigures = (registry: MetricsRegistry) => {
  const registers = [registry];
  const about = <Label extends string>(name: string, help: string, labelNames: Label[]) => ({
    ...{ name: PREFIX + name, help, labelNames, registers },
  });
  const counter = <Label extends string = never>(name: string, help: string, ...labels: Label[]) =>
    new Counter<Label>(about(name, help, labels));
  const gauge = <Label extends string = never>(name: string, help: string, ...labels: Label[]) =>
    new Gauge<Label>(about(name, help, labels));
  const histogram = <Label extends string = never>(
    name: string,
    help: string,
    buckets: number[],
    ...labels: Label[]
  ) => new Histogram<Label>({ ...about(name, help, labels), buckets });

  return {
    buildInfo: gauge(
      'build_info',
      'Always 1: the versions of the monitor and of Node.js.',
      ...(['version', 'node'] as const),
    ),
    checkOk: gauge(
      'check_ok',
      'Whether a check of /health is ok (1) or degraded or down (0).',
      'check',
    ),
    uptime: gauge('uptime_seconds', 'Seconds since the monitor started.'),
    eventLoopDelay: gauge(
      'event_loop_delay_seconds',
      'How late the event loop was in the last one to two minutes, in seconds: its 99th percentile and its maximum.',
      'stat',
    ),

    sessions: gauge(
      'sessions',
      'Watched sessions by kind of agent and state.',
      ...(['agent', 'state'] as const),
    ),
    waiting: gauge(
      'sessions_waiting',
      'Watched sessions whose agent waits for a person, by what it shows.',
      ...(['agent', 'attention'] as const),
    ),
    watched: gauge(
      'sessions_watched',
      'Watched sessions by how: by a tmux client of their own (attached), over the shared one (shared), or by one whose output is switched off because there is too much (swept).',
      'by',
    ),
    transitions: counter(
      'state_transitions_total',
      'Changes of state; from is none where the agent was seen for the first time.',
      ...(['agent', 'from', 'to'] as const),
    ),
    stateDuration: histogram(
      'state_duration_seconds',
      'Seconds that an agent was in a state, counted when it changed to another one.',
      BUCKETS.state,
      ...(['agent', 'state'] as const),
    ),
    detectionLatency: histogram(
      'detection_latency_seconds',
      'Seconds from the look at the screen, or the hook, that decided a change of state until the change was stored and told. Without changes to stuck, which a deadline decides.',
      BUCKETS.sight,
    ),
    lookDelay: histogram(
      'look_delay_seconds',
      'Seconds from the first output that no look has shown until a look has shown it, for sessions with a tmux client of their own.',
      BUCKETS.sight,
    ),
    outputBytes: counter(
      'output_bytes_total',
      'Bytes of output that tmux sent, as tmux escapes it: a control character takes four.',
    ),
    tmuxClients: gauge('tmux_clients', 'tmux clients of the monitor that live.'),
    events: counter('events_total', 'Events committed to the journal.', 'event'),

    actorRestarts: counter(
      'actor_restarts_total',
      'Restarts of sessions and of parts of the monitor, after a crash or because a person asked.',
      'actor',
    ),
    quarantined: gauge('actors_quarantined', 'Sessions that are not started again by themselves.'),

    commands: counter(
      'commands_total',
      'Commands by how they ended. rejected: asked for and never accepted.',
      'outcome',
    ),
    commandWait: histogram(
      'command_wait_seconds',
      'Seconds from the acceptance of a command until it was begun.',
      BUCKETS.wait,
    ),
    commandSend: histogram(
      'command_send_seconds',
      'Seconds from the begin of a command until it was known how it ended.',
      BUCKETS.send,
    ),
    queueDepth: gauge('command_queue_depth', 'Commands that wait to be typed.'),
    oldestCommand: gauge(
      'command_oldest_age_seconds',
      'Seconds since the oldest waiting command was accepted; 0 where none waits.',
    ),
    typing: gauge(
      'typing_on',
      'Whether commands are typed (1) or not, after too many starts in a minute (0).',
    ),

    untold: gauge(
      'outbox_pending',
      'Committed events that are not yet told to Redis: to its stream, to its job queue.',
      'to',
    ),
    oldestUntold: gauge(
      'outbox_oldest_age_seconds',
      'Seconds since the oldest event happened that is not yet told to Redis; 0 where all are.',
      'to',
    ),
    redisUp: gauge('redis_up', 'Whether events are told to Redis (1) or wait (0).'),
    commit: histogram(
      'sqlite_commit_seconds',
      'Seconds that a transaction took, with the wait for the disk.',
      BUCKETS.commit,
      'database',
    ),
    commitFailures: counter(
      'sqlite_commit_failures_total',
      'Transactions that could not be committed.',
      'database',
    ),
    diskFree: gauge(
      'disk_free_bytes',
      "Bytes that may still be written to the data folder's disk; missing where that cannot be told.",
    ),

    http: histogram(
      'http_request_duration_seconds',
      'Seconds until a request was answered, until its first byte where the answer is a stream. route is none where no route took it.',
      BUCKETS.http,
      ...(['method', 'route', 'status'] as const),
    ),
    authFailures: counter(
      'auth_failures_total',
      'Requests, upgrades and logins that were not let in, by the code that they were answered with.',
      'reason',
    ),
    connections: gauge(
      'http_connections',
      'Open connections of the TCP port by who has them: this user (own), who has shown a token or a cookie (token), who has shown nothing (stranger).',
      'caller',
    ),
    connectionsDropped: counter(
      'http_connections_dropped_total',
      'Connections that were ended or not taken. pushed_out: one of a stranger, for a newer one; timed_out: one of a stranger that asked for nothing; full: there were as many as there may be.',
      'reason',
    ),
    reading: {
      ws: gauge('ws_clients', 'Open WebSockets.'),
      sse: gauge('sse_clients', 'Open event streams.'),
    },
    dropped: {
      ws: counter('ws_dropped_total', 'WebSockets that were cut off.', 'reason'),
      sse: counter('sse_dropped_total', 'Event streams that were cut off.', 'reason'),
    },
  };
};
