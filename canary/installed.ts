/** Which of the agents' programs are to be had. */

import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Cli } from './cli.ts';
import { claudeCode } from './clis/claude-code.ts';
import { codex } from './clis/codex.ts';
import { copilot } from './clis/copilot.ts';
import { geminiCli } from './clis/gemini-cli.ts';
import { opencode } from './clis/opencode.ts';
import { qwenCode } from './clis/qwen-code.ts';

export const CLIS: readonly Cli[] = [claudeCode, codex, geminiCli, opencode, qwenCode, copilot];

export interface Installed {
  cli: Cli;
  /** The program's file. */
  file: string;
}

/** The first of each on the search path. */
export const onPath = async (path: string): Promise<Installed[]> => {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const found = await Promise.all(CLIS.map((cli) => programsOf(cli, folders)));
  return found.flatMap((files) => files.slice(0, 1));
};

/** All below a folder: beside one another, or each installed by npm into a folder of its own. */
export const inFolder = async (folder: string): Promise<Installed[]> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const below = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name));
  const places = [folder, ...below.sort()].flatMap((place) => [
    place,
    join(place, 'bin'),
    join(place, 'node_modules/.bin'),
  ]);
  const found = await Promise.all(CLIS.map((cli) => programsOf(cli, [...new Set(places)])));
  return found.flat();
};

const programsOf = async (cli: Cli, folders: readonly string[]): Promise<Installed[]> => {
  const files = folders.map((folder) => join(folder, cli.program));
  const there = await Promise.all(files.map(isExecutable));
  return files.filter((_, at) => there[at]).map((file) => ({ cli, file }));
};

const isExecutable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/** What the program says of itself, such as `2.1.330`; `?` where it says nothing of the kind. */
export const versionOf = async (file: string, env: Record<string, string>): Promise<string> => {
  const { stdout } = await promisify(execFile)(file, ['--version'], { env, timeout: VERSION_MS });
  return /\d+(?:\.\d+)+(?:-[\w.]*\w)?/.exec(stdout)?.[0] ?? '?';
};

/** Some unpack themselves at their first start. */
const VERSION_MS = 60_000;
