import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keepReserve, spendReserve } from '../../../src/store/reserve.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { createDataFolder } from '../../support/store.ts';

it('is made once, for this user only, and kept while there is room', () => {
  using folder = createDataFolder();
  const path = join(folder.path, 'reserve');
  keepReserve(folder.path);
  const { mode, size, mtimeMs } = statSync(path);
  expect(mode & 0o777).toBe(0o600);
  expect(size).toBe(4 * 1024 * 1024);
  const log = createRecordedLog();
  spendReserve(folder.path, log);
  keepReserve(folder.path);
  expect(statSync(path).mtimeMs).toBe(mtimeMs);
  expect(log.lines).toEqual([]);
});

it('leaves all else in the folder alone', () => {
  using folder = createDataFolder();
  writeFileSync(join(folder.path, 'token'), 'kept');
  keepReserve(folder.path);
  expect(readdirSync(folder.path).sort()).toEqual(['reserve', 'token']);
});
