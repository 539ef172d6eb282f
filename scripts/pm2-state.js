// Reads what `pm2 jlist` prints and says how the daemon is: `ready`, `starting`, or what is wrong.
// PM2's own "online" does not tell: it also says so of a program that never said that it is ready.
import { existsSync, readFileSync } from 'node:fs';

const NAME = 'agent-monitor';
/** So many ends within seconds are no chance; PM2 itself tries on a while. */
const ENDS = 3;
const LINES = 10;

/** The list is one line; PM2 may print others about itself before it. */
const readList = () => {
  const line = readFileSync(0, 'utf8')
    .split('\n')
    .findLast((text) => text.startsWith('['));
  return line === undefined ? [] : JSON.parse(line);
};

const describe = (app) => {
  if (app === undefined) return `PM2 knows no ${NAME}`;
  const { status, axm_monitor: told, unstable_restarts: ends } = app.pm2_env;
  if (status === 'online' && told?.API) return 'ready';
  if (status === 'errored' || ends >= ENDS) return `it ends again and again\n${reason(app)}`;
  return status === 'stopped' ? 'it is stopped' : 'starting';
};

/** What it wrote last before it ended. */
const reason = ({ pm2_env: { pm_err_log_path: path } }) => {
  if (!existsSync(path)) return `and wrote nothing to ${path}`;
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(-LINES);
  return lines
    .slice(
      Math.max(
        0,
        lines.findLastIndex((line) => line.startsWith(NAME)),
      ),
    )
    .join('\n');
};

process.stdout.write(`${describe(readList().find(({ name }) => name === NAME))}\n`);
