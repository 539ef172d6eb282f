/** The tmux program as the daemon finds it: one that can be made to refuse. */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** `control`: only clients in control mode; `version`: all, as if the server were of another version. */
export type Refusal = 'control' | 'version';

export interface TmuxProgram {
  /** Where the daemon finds it before all others. */
  readonly path: string;
  refuse(what: Refusal): void;
  allow(): void;
}

export const createTmuxProgram = (folder: string): TmuxProgram => {
  const tmux = execFileSync('which', ['tmux'], { encoding: 'utf8' }).trim();
  mkdirSync(folder);
  const flag = (what: Refusal): string => join(folder, `refuses-${what}`);
  const program = join(folder, 'tmux');
  writeFileSync(
    program,
    `#!/bin/sh
if [ -e '${flag('version')}' ]; then
  echo 'protocol version mismatch (client 8, server 9)' >&2
  exit 1
fi
if [ -e '${flag('control')}' ]; then
  for word; do
    [ "$word" = -C ] && echo 'no control mode here' >&2 && exit 1
  done
fi
exec '${tmux}' "$@"
`,
  );
  chmodSync(program, 0o700);
  return {
    path: `${folder}${delimiter}${process.env.PATH}`,
    refuse: (what) => writeFileSync(flag(what), ''),
    allow: () => {
      for (const what of ['control', 'version'] as const) rmSync(flag(what), { force: true });
    },
  };
};
