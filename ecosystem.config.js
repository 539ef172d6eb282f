// How PM2 runs the daemon: `pm2 start ecosystem.config.js [-- session ...]`. PM2 loads this file with
// require() and reads `apps` from what it gets, so it must be a named export.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const bundledNode = path('./node_modules/node/bin/node');

// PM2 hands what follows `--` only to scripts, not to the apps of a file like this one.
const dashes = process.argv.indexOf('--');
const sessions = dashes === -1 ? [] : process.argv.slice(dashes + 1);

// Unset stays unset, so that the daemon's own defaults hold. An app that PM2 knows gets these alone of
// what is set now, and keeps what it had before: only `./pm2.sh start` begins with nothing.
const settings = Object.fromEntries(
  Object.entries(process.env).filter(([name]) =>
    /^(REDIS_URL|API_HOST|API_PORT|AGENT_MONITOR_.+)$/.test(name),
  ),
);

export const apps = [
  {
    name: 'agent-monitor',
    cwd: path('.'),
    // Not the whole path: PM2 takes a script with a space in it for a shell command.
    script: 'daemon.js',
    args: sessions,
    // PM2's own Node may be older than the daemon needs.
    interpreter: existsSync(bundledNode) ? bundledNode : 'node',
    // Left to itself, V8 lets a heap of 30 MB grow to ten times that before it tidies up.
    node_args: ['--max-old-space-size=320'],
    exec_mode: 'fork',
    instances: 1,

    // Started = the daemon said so; stopped = it had the time to finish what it was typing.
    wait_ready: true,
    listen_timeout: 10_000,
    kill_timeout: 8_000,
    kill_retry_time: 20,
    treekill: false,

    max_memory_restart: '500M',
    max_restarts: 10,
    min_uptime: 10_000,

    out_file: '/tmp/agent-monitor-out.log',
    error_file: '/tmp/agent-monitor-error.log',
    merge_logs: true,

    // No code of PM2's in the daemon, no look at the git repository at each start.
    pmx: false,
    vizion: false,

    env: { NODE_ENV: 'production', ...settings },
    env_development: { NODE_ENV: 'development', ...settings },
  },
];
