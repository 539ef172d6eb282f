/**
 * Runs in a pane and looks like Claude Code at its prompt: what is typed comes into the composer,
 * Enter submits it, Ctrl-U empties it. Each is written down as a line of JSON before it is drawn.
 * Usage: `recording-agent-program.ts <file> [--late-paste <ms>] [--timed]`.
 */

import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Recorded } from './recording-agent.ts';

const PASTE_BEGIN = '\x1b[200~';
const PASTE_END = '\x1b[201~';

const main = (): void => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      'late-paste': { type: 'string', default: '0' },
      timed: { type: 'boolean', default: false },
    },
  });
  const [file = ''] = positionals;
  const latePasteMs = Number(values['late-paste']);
  let pending = '';
  let draft = '';

  const draw = (): void => {
    const rule = '─'.repeat(process.stdout.columns);
    const hint = draft === '' ? '  ? for shortcuts' : '';
    const rows = [rule, `❯ ${draft.replaceAll('\n', '\r\n  ')}`, rule, hint];
    process.stdout.write(`\x1b[H\x1b[2J${rows.join('\r\n')}`);
  };

  const note = (did: Recorded['did'], text: string): void => {
    const record: Recorded = { did, text, ...(values.timed ? { at: now() } : {}) };
    appendFileSync(file, `${JSON.stringify(record)}\n`);
  };

  const becomes = (text: string): void => {
    draft = text;
    draw();
  };

  const paste = (text: string): void => {
    note('paste', text);
    if (latePasteMs === 0) becomes(draft + text);
    else setTimeout(() => becomes(draft + text), latePasteMs);
  };

  const press = (key: string): void => {
    if (key !== '\r' && key !== '\x15') {
      note('key', key);
      becomes(draft + key);
      return;
    }
    note(key === '\r' ? 'enter' : 'clear', draft);
    becomes('');
  };

  const take = (): void => {
    while (pending !== '') {
      if (!pending.startsWith(PASTE_BEGIN)) {
        if (PASTE_BEGIN.startsWith(pending)) return;
        press(pending.charAt(0));
        pending = pending.slice(1);
        continue;
      }
      const end = pending.indexOf(PASTE_END);
      if (end < 0) return;
      paste(pending.slice(PASTE_BEGIN.length, end));
      pending = pending.slice(end + PASTE_END.length);
    }
  };

  process.title = 'claude';
  process.stdin.setRawMode(true);
  process.stdin.setEncoding('utf8').on('data', (text: string) => {
    pending += text;
    take();
  });
  process.stdout.on('resize', draw);
  process.stdout.write('\x1b]0;✳ Claude Code\x07\x1b[?2004h');
  draw();
};

/** The same for all processes of this machine. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6;

main();
