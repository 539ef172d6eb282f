/** The folders' import rules, shown to bite: Biome reads files that break them, and some that do not. */

import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../support/bare-machine.ts';

const refused = [
  ['machines/', 'node:fs'],
  ['machines/', 'ioredis'],
  ['machines/', '../actors/ports.ts'],
  ['machines/', '../src/config.ts'],
  ['actors/', 'node:fs'],
  ['actors/', 'pino'],
  ['actors/', '../src/config.ts'],
  ['actors/', '../src/store/journal.ts'],
  ['src/http/', '../store/journal.ts'],
  ['src/http/', '../main.ts'],
  ['src/http/', '../monitor.ts'],
  ['src/http/', '../wiring.ts'],
  ['src/http/', '../../actors/session.ts'],
  ['src/http/', '../../machines/session.ts'],
  ['src/http/routes/', '../../store/journal.ts'],
  ['src/analysis/profiles/', '../../tmux/client.ts'],
  ['demo/', '../src/config.ts'],
  ['demo/', '../actors/ports.ts'],
] as const;

const allowed = [
  ['machines/', 'xstate'],
  ['machines/', './vocabulary.ts'],
  ['actors/', 'xstate'],
  ['actors/', '../machines/session.ts'],
  ['actors/', './ports.ts'],
  ['src/http/', 'node:fs'],
  ['src/http/', 'koa'],
  ['src/http/', './server.ts'],
  ['src/http/', '../config.ts'],
  ['src/http/', '../../actors/ports.ts'],
  ['src/http/', '../../actors/errors.ts'],
  ['src/http/', '../../machines/vocabulary.ts'],
  ['src/http/routes/', '../errors.ts'],
  ['src/http/routes/', '../../../actors/ports.ts'],
  ['demo/', 'node:fs'],
  ['demo/', './screen.ts'],
] as const;

const cases = [...refused, ...allowed].map(([folder, specifier], index) => ({
  file: `${folder}case-${index}.ts`,
  source: `import * as it from '${specifier}';\nexport const kept = it;\n`,
}));
const clocks = ['Date', 'setTimeout', 'process', 'fetch'].map((global, index) => ({
  file: `machines/global-${index}.ts`,
  source: `export const kept = ${global};\n`,
}));

describe('the import rules', () => {
  let folder: string;
  let found: Set<string>;

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'am-test-rules-')));
    for (const name of ['biome.json', 'package.json', '.gitignore']) {
      await cp(join(root, name), join(folder, name));
    }
    for (const { file, source } of [...cases, ...clocks]) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), source);
    }
    found = await brokenFiles(folder);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(refused.map(([from, specifier], index) => ({ from, specifier, index })))(
    '$from may not import $specifier',
    ({ index }) => {
      expect(found).toContain(cases[index]?.file);
    },
  );

  it.each(allowed.map(([from, specifier], index) => ({ from, specifier, index })))(
    '$from may import $specifier',
    ({ index }) => {
      expect(found).not.toContain(cases[refused.length + index]?.file);
    },
  );

  it.each(clocks)('$file may not reach for a clock or the world: $source', ({ file }) => {
    expect(found).toContain(file);
  });
});

/** The files of `folder` that break a rule about imports or globals. */
const brokenFiles = (folder: string): Promise<Set<string>> =>
  new Promise((resolve) => {
    const rules = ['--only=style/noRestrictedImports', '--only=style/noRestrictedGlobals'];
    const args = ['lint', '--reporter=github', '--max-diagnostics=none', ...rules];
    const biome = join(root, 'node_modules/.bin/biome');
    // It ends with 1, as it must where it finds something.
    execFile(biome, args, { cwd: folder }, (_, stdout) => {
      const files = [...stdout.matchAll(/^::error .*?file=([^,]+),/gm)].map(
        ([, file]) => file ?? '',
      );
      resolve(new Set(files.map((file) => file.slice(folder.length + 1))));
    });
  });
