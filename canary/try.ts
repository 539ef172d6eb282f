/** One installed agent from its start to its end, in a place of its own that is gone afterwards. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Cli, Place } from './cli.ts';
import type { Installed } from './installed.ts';
import { versionOf } from './installed.ts';
import type { ModelServer } from './model/server.ts';
import { startModelServer } from './model/server.ts';
import { openPane } from './pane.ts';
import type { Pace } from './stage.ts';
import type { Walked } from './walk.ts';
import { walk } from './walk.ts';

export interface Tried extends Walked {
  installed: Installed;
  version: string;
  /** Hosts that the agent wanted to reach and could not. */
  refused: string[];
  /** What it asked the model server for that no model answers here. */
  unknown: string[];
}

export interface TryOptions {
  width: number;
  height: number;
  pace: Pace;
  /** The search path for what the agent itself runs. */
  path: string;
  signal: AbortSignal;
}

export const tryAgent = async (installed: Installed, options: TryOptions): Promise<Tried> => {
  const { cli, file } = installed;
  const { width, height, pace, path, signal } = options;
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'am-canary-'));
  // Its last processes may still be writing there.
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const model = started.use(await startModelServer());
  const place = await setUp(cli, folder, model);
  const env = environmentOf(cli, place, path);
  const version = await versionOf(file, env);
  const argv = [file, ...cli.args];
  const pane = started.use(
    await openPane({ folder, argv, cwd: place.project, home: place.home, env, width, height }),
  );
  const walked = await walk({ cli, pane, model, place, pace, signal });
  const [refused, unknown] = [[...model.refused].sort(), [...model.unknown].sort()];
  return { ...walked, installed, version, refused, unknown };
};

const setUp = async (cli: Cli, folder: string, { url }: ModelServer): Promise<Place> => {
  const place = { home: join(folder, 'home'), project: join(folder, 'project'), url };
  await mkdir(place.home);
  await mkdir(place.project);
  for (const [path, text] of Object.entries(cli.files(place))) {
    const file = resolve(place.home, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return place;
};

/** Nothing of the caller's own but the search path: no key, no setting, no proxy. */
const environmentOf = (cli: Cli, { url, ...place }: Place, path: string) => ({
  HOME: place.home,
  // This Node first: agents want 22 or newer.
  PATH: [dirname(process.execPath), path].join(delimiter),
  SHELL: '/bin/sh',
  LANG: 'C.UTF-8',
  // Whatever else they would reach, the model server refuses.
  ...Object.fromEntries(PROXIES.flatMap((name) => spellings(name, url))),
  ...Object.fromEntries(spellings('no_proxy', '127.0.0.1,localhost')),
  DO_NOT_TRACK: '1',
  ...cli.env({ url, ...place }),
});

const PROXIES = ['http_proxy', 'https_proxy', 'all_proxy'];

const spellings = (name: string, value: string): [string, string][] => [
  [name, value],
  [name.toUpperCase(), value],
];
