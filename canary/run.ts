/** `npm run canary`: walks the installed agents through their states and says where sight is wrong. */

import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Installed } from './installed.ts';
import { CLIS, inFolder, onPath } from './installed.ts';
import { runIsolated } from './isolation.ts';
import { keepScreens } from './keep.ts';
import { reportOf, walkFaults } from './report.ts';
import { USUAL_PACE } from './stage.ts';
import { tryAgent } from './try.ts';

const USAGE = `Usage: npm run canary -- [options]

  --in <folder>    tries what is installed there, not what is on PATH
  --only <text>    only agents whose kind or file has this in it
  --size 120x40    columns and rows of the pane
  --keep <folder>  keeps each screen there

Exit status: 0 all screens are judged as what they are, or no agent is installed; 1 some are not;
2 the options are wrong.`;

const OPTIONS = {
  in: { type: 'string' },
  only: { type: 'string', default: '' },
  size: { type: 'string', default: '120x40' },
  keep: { type: 'string' },
  // Given by itself to itself: the network is shut off already, or cannot be.
  network: { type: 'string' },
} as const;

class BadOption extends Error {}

/** One agent's walk takes a minute or so. */
const LONGEST_MS = 5 * 60_000;

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: OPTIONS });
  const [width, height] = sizeOf(values.size);
  const path = process.env.PATH ?? '';
  const found = values.in === undefined ? await onPath(path) : await inFolder(folderOf(values.in));
  const wanted = found.filter((installed) => isNamed(installed, values.only));
  if (wanted.length === 0) return console.log(nothingIn(values.in ?? 'PATH', values.only));

  const network = values.network ?? (await shutOff());
  if (network === null) return;
  console.log(`network: ${network}\n`);

  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => interrupted.abort(new Error(`ended by ${name}`)));
  }
  for (const installed of wanted) {
    const signal = AbortSignal.any([interrupted.signal, AbortSignal.timeout(LONGEST_MS)]);
    const options = { width, height, path, signal, pace: USUAL_PACE };
    const tried = await tryAgent(installed, options).catch((error: Error) => {
      interrupted.signal.throwIfAborted();
      return error;
    });
    if (tried instanceof Error) {
      console.log(
        `${installed.cli.kind}  ${installed.file}\n  cannot be tried: ${tried.message}\n`,
      );
      process.exitCode = 1;
      continue;
    }
    console.log(`${reportOf(tried)}\n`);
    if (values.keep !== undefined) await keepScreens(values.keep, tried);
    if (walkFaults(tried).length > 0) process.exitCode = 1;
  }
};

/** Does it all again where there is no network, and answers null; else how things are without that. */
const shutOff = async (): Promise<string | null> => {
  const script = [process.execPath, ...process.argv.slice(1), '--network', 'none but loopback'];
  const code = await runIsolated(script);
  if (code === null) return 'agents are pointed at loopback, but it is not shut off';
  process.exitCode = code;
  return null;
};

const isNamed = ({ cli, file }: Installed, text: string): boolean =>
  cli.kind.includes(text) || file.includes(text);

const nothingIn = (place: string, only: string): string => {
  const names = CLIS.map(({ program }) => program).join(', ');
  const which = only === '' ? '' : ` that is called "${only}"`;
  return `no agent CLI is installed: none of ${names} in ${place}${which}`;
};

const folderOf = (path: string): string => {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new BadOption(`--in ${path}: there is no such folder`);
  return path;
};

const sizeOf = (text: string): [number, number] => {
  const [, columns, rows] = /^(\d{2,3})x(\d{1,3})$/.exec(text) ?? [];
  if (columns === undefined || rows === undefined) {
    throw new BadOption(`--size ${text}: columns x rows, such as 80x24`);
  }
  return [Number(columns), Number(rows)];
};

main().catch((error: Error & { code?: string }) => {
  const isUsage = error instanceof BadOption || error.code?.startsWith('ERR_PARSE_ARGS') === true;
  console.error(isUsage ? `${error.message}\n\n${USAGE}` : error);
  process.exitCode = isUsage ? 2 : 1;
});
