/** The daemon under a real PM2 with a home of its own, in a folder of its own. */

import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MonitorEvent } from '../../machines/vocabulary.ts';
import { freePort, startRedis, type TestRedis } from './redis.ts';
import { startTmux, type TestTmux } from './tmux.ts';

export interface TestPm2 extends AsyncDisposable {
  readonly tmux: TestTmux;
  readonly redis: TestRedis;
  readonly folder: string;
  /** What PM2, and through it the daemon, is started with; may be changed. */
  readonly env: NodeJS.ProcessEnv;
  /** Where the API is. */
  readonly url: string;
  /** Runs `./pm2.sh` and answers what it printed. @throws with what it said, where it fails. */
  sh(...args: string[]): Promise<string>;
  pm2(...args: string[]): Promise<string>;
  list(): Promise<Pm2App[]>;
  /** @throws where PM2 knows none. */
  app(): Promise<Pm2App>;
  get(path: string): Promise<object>;
  /** None while the API is away. */
  events(): Promise<MonitorEvent[]>;
  log(name: 'out' | 'error'): string;
  /** What PM2 would bring back at boot. */
  saved(): Pm2App[];
}

interface Pm2App {
  name: string;
  pid: number;
  pm2_env: { status: string; restart_time: number };
}

const ROOT = join(import.meta.dirname, '../..');

/** `limits` replaces lines of ecosystem.config.js, which is otherwise as it is. */
export const startPm2 = async (
  options: { limits?: readonly [line: string, by: string][] } = {},
): Promise<TestPm2> => {
  await using begun = new AsyncDisposableStack();
  const tmux = begun.use(await startTmux());
  const redis = begun.use(await startRedis());
  const folder = createCheckout(options.limits ?? []);
  begun.defer(() => rmSync(folder, { recursive: true, force: true }));
  const { TMUX, TMUX_PANE, ...inherited } = process.env;
  const env: NodeJS.ProcessEnv = {
    ...inherited,
    PATH: `${join(ROOT, 'node_modules/.bin')}:${inherited.PATH}`,
    PM2_HOME: join(folder, 'pm2'),
    PM2_DISABLE_VERSION_CHECK: 'true',
    API_PORT: String(await freePort()),
    REDIS_URL: redis.url,
    AGENT_MONITOR_DATA_DIR: join(folder, 'data'),
    AGENT_MONITOR_TMUX_SOCKET: tmux.socket,
  };
  const pm2 = (...args: string[]) =>
    printed((done) => execFile('pm2', args, { cwd: folder, env }, done));
  const sh = (...args: string[]) =>
    printed((done) => execFile(join(folder, 'pm2.sh'), args, { cwd: folder, env }, done));
  begun.defer(async () => void (await pm2('kill')));

  const url = () => `http://127.0.0.1:${env.API_PORT}`;
  const get = async (path: string): Promise<object> => {
    const response = await fetch(`${url()}${path}`);
    return (await response.json()) as object;
  };
  const list = async (): Promise<Pm2App[]> => JSON.parse(lastLine(await pm2('jlist')));
  const ending = begun.move();
  return {
    ...{ tmux, redis, folder, env, pm2, sh, list, get },
    get url() {
      return url();
    },
    app: async () => {
      const [app] = await list();
      if (app === undefined) throw new Error('PM2 knows no app');
      return app;
    },
    events: () =>
      get('/api/events?limit=1000').then(
        (page) => (page as { events?: MonitorEvent[] }).events ?? [],
        () => [],
      ),
    log: (name) => {
      const file = join(folder, `agent-monitor-${name}.log`);
      return existsSync(file) ? readFileSync(file, 'utf8') : '';
    },
    saved: () => JSON.parse(readFileSync(join(folder, 'pm2/dump.pm2'), 'utf8')),
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  };
};

const COPIED = ['daemon.js', 'launch.js', 'pm2.sh', 'package.json', 'scripts/pm2-state.js'];
const LINKED = ['src', 'actors', 'machines', 'node_modules'];

/** This project, with its logs in the folder instead of /tmp, where a real daemon's may be. */
const createCheckout = (limits: readonly [string, string][]): string => {
  // A space in the path, since somebody's has one.
  const folder = mkdtempSync(join(tmpdir(), 'am test-'));
  mkdirSync(join(folder, 'scripts'));
  for (const file of COPIED) cpSync(join(ROOT, file), join(folder, file));
  for (const name of LINKED) symlinkSync(join(ROOT, name), join(folder, name));
  writeFileSync(join(folder, 'scripts/setup.sh'), 'exit 0\n');
  let config = readFileSync(join(ROOT, 'ecosystem.config.js'), 'utf8').replaceAll("'/tmp/", "'./");
  for (const [line, by] of limits) {
    if (!config.includes(line)) throw new Error(`ecosystem.config.js has no ${line}`);
    config = config.replace(line, by);
  }
  writeFileSync(join(folder, 'ecosystem.config.js'), config);
  return folder;
};

type Done = (error: Error | null, out: string, err: string) => void;

/** What a program printed. @throws with that, where it fails. */
const printed = (run: (done: Done) => void): Promise<string> =>
  new Promise((resolve, reject) => {
    run((error, out, err) => (error ? reject(new Error(`${err}\n${out}`)) : resolve(out)));
  });

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';
