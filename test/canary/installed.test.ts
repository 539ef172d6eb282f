import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inFolder, onPath, versionOf } from '../../canary/installed.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'am-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const install = async (path: string, mode = 0o755, says = '1.2.3'): Promise<string> => {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho '${says}'\n`);
  await chmod(file, mode);
  return file;
};

test('finds programs in a folder and in those that npm installed below it', async () => {
  await install('qwen');
  await install('claude-1/node_modules/.bin/claude');
  await install('claude-2/node_modules/.bin/claude');
  await install('codex', 0o644);
  await install('other');
  const found = await inFolder(folder);
  expect(found.map(({ cli, file }) => [cli.kind, file])).toEqual([
    ['claude-code', join(folder, 'claude-1/node_modules/.bin/claude')],
    ['claude-code', join(folder, 'claude-2/node_modules/.bin/claude')],
    ['qwen-code', join(folder, 'qwen')],
  ]);
});

test('takes the first of each on the search path', async () => {
  const first = await install('one/gemini');
  await install('two/gemini');
  const found = await onPath(`${join(folder, 'one')}:${join(folder, 'two')}:${join(folder, 'no')}`);
  expect(found.map(({ file }) => file)).toEqual([first]);
});

test.each([
  { says: '2.1.330 (Claude Code)', version: '2.1.330' },
  { says: 'codex-cli 0.169.0', version: '0.169.0' },
  { says: 'GitHub Copilot CLI 1.0.102.', version: '1.0.102' },
  { says: '0.62.0-preview.1', version: '0.62.0-preview.1' },
  { says: 'hello', version: '?' },
])('reads the version of $says', async ({ says, version }) => {
  const file = await install('agent', 0o755, says);
  expect(await versionOf(file, {})).toBe(version);
});
