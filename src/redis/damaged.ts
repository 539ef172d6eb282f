import { existsSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/** Where Redis 7 keeps its append-only files. */
const DATA = 'appendonlydir';

/** What Redis 7 writes last where it ends because it cannot read its own data. */
const UNREADABLE =
  /Bad file format reading the append only file|AOF manifest file|Unable to obtain the AOF file/;

export const logFile = (folder: string): string => join(folder, 'redis.log');

/**
 * Sets the data of a private Redis aside where it has ended because it could not read them, so that
 * it can begin anew: the journal has all that the stream had. Answers where they are, else null.
 */
export const setDamagedAside = (folder: string): string | null => {
  const data = join(folder, DATA);
  // The last line may be of an earlier end: on a full disk none is written.
  if (!UNREADABLE.test(lastLineOf(logFile(folder))) || !existsSync(data)) return null;
  const aside = join(mkdtempSync(join(folder, 'corrupt-')), DATA);
  renameSync(data, aside);
  return aside;
};

const lastLineOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  } catch {
    return ''; // It never came to write one.
  }
};
