/** The end of a run: the daemon is asked to stop, its databases are looked at, and it starts afresh and is left so. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Health } from '../../actors/ports.ts';
import { readJournal } from './gather.ts';
import { DATABASES } from './plan.ts';
import { untilJudged, within } from './rest.ts';
import type { Scene } from './scene.ts';
import { CARRIED_OUT } from './tmux-hand.ts';

const JUDGED_WITHIN_MS = 20_000;
/** As long as typing may be held back after many starts in a row. */
const WELL_WITHIN_MS = 75_000;

/** `last`: how many events there were before it is stopped. */
export const checkEnding = async (scene: Scene, last: number): Promise<string[]> => {
  const { watched, dataDir } = scene;
  const faults = await watched.stop();
  faults.push(...DATABASES.flatMap((name) => damageIn(join(dataDir, name))));
  await watched.start();
  faults.push(...(await untilJudged(scene, JUDGED_WITHIN_MS)).map((text) => `afresh: ${text}`));
  faults.push(...(await untilWell(scene)));
  const news = (await readJournal(watched.daemon, last)).map(({ event }) => event);
  if (news.join() !== NOTHING_NEW.join()) faults.push(`a fresh start told ${news.join()}`);
  if (existsSync(join(scene.folder, CARRIED_OUT))) faults.push('a name or a title was carried out');
  return faults;
};

const NOTHING_NEW = ['monitor_stopped', 'monitor_started'];

const damageIn = (file: string): string[] => {
  const database = new Database(file, { readonly: true });
  try {
    const found = database.pragma('integrity_check', { simple: true });
    return found === 'ok' ? [] : [`${file}: ${found}`];
  } finally {
    database.close();
  }
};

export const untilWell = async (scene: Scene): Promise<string[]> => {
  let health: Health | null = null;
  const isWell = await within(scene, WELL_WITHIN_MS, async () => {
    health = await scene.watched.daemon.get<Health>('/health');
    return health.status === 'ok';
  });
  return isWell ? [] : [`afresh it is not well: ${JSON.stringify(health)}`];
};
