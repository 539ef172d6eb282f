/** A folder with a PATH of its own: scripts that run in it find only what the test put there. */

import { execFileSync } from 'node:child_process';
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
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface BareMachine {
  readonly folder: string;
  /** The whole PATH, a folder in `folder`. */
  readonly bin: string;
  write(path: string, text: string): void;
  /** A shell script in the place of a program; `bin/<name>` puts it on the PATH. */
  program(path: string, script: string): void;
  /** The lines that its programs wrote to the file `calls` in `folder`. */
  calls(): string[];
}

/** Has the named tools of this machine on its PATH, and copies of the named files of this project. */
export const createBareMachine = (options: { tools: string[]; files: string[] }): BareMachine => {
  // A space in the path, since somebody's has one.
  const folder = mkdtempSync(join(tmpdir(), 'am test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const tool of options.tools) symlinkSync(pathOf(tool), join(bin, tool));
  for (const file of options.files) cpSync(join(root, file), join(folder, file));

  const write = (path: string, text: string, mode = 0o644) => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    // A new file: the old one may be a link to a tool of this machine.
    rmSync(file, { force: true });
    writeFileSync(file, text, { mode });
  };
  return {
    folder,
    bin,
    write: (path, text) => write(path, text),
    program: (path, script) => write(path, `#!/bin/sh\n${script}\n`, 0o755),
    calls: () => {
      const file = join(folder, 'calls');
      return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    },
  };
};

const pathOf = (tool: string): string =>
  execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim();
