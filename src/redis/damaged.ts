import { existsSync, mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/** Where Redis 7 keeps its append-only files. */
const DATA = 'appendonlydir';

/** Where the versions before did. */
const DATA_BEFORE = 'appendonly.aof';

/** What Redis 7 writes last where it ends because it cannot read its own data. */
const UNREADABLE =
  /Bad file format reading the append only file|AOF manifest file|Unable to obtain the AOF file/;

/** True where a private Redis has run in this folder: it makes them at its first start. */
export const hasData = (folder: string): boolean =>
  [DATA, DATA_BEFORE].some((name) => existsSync(join(folder, name)));

/**
 * Sets the data of a private Redis aside where it has ended because it could not read them, so that
 * it can begin anew: the journal has all that the stream had. `told` is what it wrote. Answers where
 * they are, else null.
 */
export const setDamagedAside = (folder: string, told: string): string | null => {
  const data = join(folder, DATA);
  const [lastLine = ''] = told.trimEnd().split('\n').slice(-1);
  if (!UNREADABLE.test(lastLine) || !existsSync(data)) return null;
  const aside = join(mkdtempSync(join(folder, 'corrupt-')), DATA);
  renameSync(data, aside);
  return aside;
};
