/**
 * Runs in a pane and writes down each byte it is given: in raw mode, with bracketed paste switched
 * on. Usage: `recording-program.ts <file> [--echo]`. It says `ready` once it listens; with `--echo`
 * it shows the text of what comes, as a shell would.
 */

import { appendFileSync } from 'node:fs';

const [file = '', echo] = process.argv.slice(2);

process.stdin.setRawMode(true);
process.stdin.on('data', (bytes: Buffer) => {
  appendFileSync(file, bytes);
  if (echo === '--echo') process.stdout.write(shown(bytes));
});
process.stdout.write('\x1b[?2004hready\r\n');

/** Without the marks of a paste; every end of a line as a terminal wants it. */
const shown = (bytes: Buffer): string =>
  bytes
    .toString()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the marks begin with ESC.
    .replace(/\x1b\[20[01]~/g, '')
    .replace(/[\r\n]+/g, '\r\n');
