// Reads what `pm2 jlist` prints and says how the daemon is: `ready`, `starting`, or what is wrong.
// PM2's own "online" does not tell: it also says so of a program that never said that it is ready.
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';

const NAME = 'agent-monitor';
/** So many ends within seconds are no chance; PM2 itself tries on a while. */
const ENDS = 3;
const LINES = 10;
/** The log grows until someone rotates it; only its end is read. */
const LOG_BYTES = 64 * 1024;

/** The list is one line; PM2 may print others about itself around it, such as `[PM2][WARN] …`. */
const readList = () =>
  readFileSync(0, 'utf8')
    .split('\n')
    .map(parse)
    .findLast((value) => Array.isArray(value));

const parse = (line) => {
  try {
    return JSON.parse(line);
  } catch {
    return null; // Not the list.
  }
};

const describe = (list) => {
  // Busy with itself: it may be asked again.
  if (list === undefined) return 'starting';
  const app = list.find(({ name }) => name === NAME);
  if (app === undefined) return `PM2 knows no ${NAME}`;
  const { status, axm_monitor: told, unstable_restarts: ends } = app.pm2_env;
  if (status === 'online' && told?.API) return 'ready';
  if (status === 'errored' || ends >= ENDS) return `it ends again and again\n${reason(app)}`;
  return status === 'stopped' ? 'it is stopped' : 'starting';
};

/** What it wrote last before it ended. */
const reason = ({ pm2_env: { pm_err_log_path: path } }) => {
  if (!existsSync(path)) return `and wrote nothing to ${path}`;
  const lines = readEnd(path).trimEnd().split('\n').slice(-LINES);
  return lines
    .slice(
      Math.max(
        0,
        lines.findLastIndex((line) => line.startsWith(NAME)),
      ),
    )
    .join('\n');
};

const readEnd = (path) => {
  const from = Math.max(0, statSync(path).size - LOG_BYTES);
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(LOG_BYTES);
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, LOG_BYTES, from));
  } finally {
    closeSync(file);
  }
};

process.stdout.write(`${describe(readList())}\n`);
