import { describe, expect, it } from 'vitest';
import { colouredScreens, recordedScreens } from '../../../accuracy/screens.ts';
import { PROFILES } from '../../../src/analysis/profiles/index.ts';
import { kindOfScreen as kindAmong } from '../../../src/analysis/screen-kind.ts';

const kindOfScreen = (text: string) => kindAmong(text, PROFILES);
const all = [...recordedScreens(), ...colouredScreens()];
const written = (text: string) => text.split('\n').filter((line) => line.trim() !== '');

describe('kindOfScreen', () => {
  it.each(all)('knows who drew $file without its title', ({ text, kind }) => {
    expect(kindOfScreen(text)).toBe(kind);
  });

  it.each([12, 8])('takes none for another where only the last %i lines are left', (rows) => {
    // An input menu without anything of the agent around it looks the same in more than one.
    const plain = recordedScreens().filter(({ file }) => !file.includes('slash-menu'));
    const found = plain.map(({ text, kind }) => ({
      kind,
      found: kindOfScreen(written(text).slice(-rows).join('\n')),
    }));
    expect(found.filter((each) => each.found !== null && each.found !== each.kind)).toEqual([]);
    expect(found.filter((each) => each.found === null).length).toBeLessThan(all.length / 50);
  });

  it('is not taken in by another agent’s screen that is being shown', () => {
    const shown = recordedScreens().filter((_, index) => index % 25 === 0);
    const framed = recordedScreens().filter(({ state }) => /complete|reading/.test(state));
    const wrong = framed
      .filter(({ file }) => !/transcript-view|exited|command-center/.test(file))
      .flatMap((screen) =>
        shown
          .filter(({ kind }) => kind !== screen.kind)
          .map((other) => {
            const quoted = written(other.text).map((line) => `     ${line}`);
            const [first = '', ...rest] = screen.text.split('\n');
            const found = kindOfScreen([first, ...quoted.slice(0, 20), ...rest].join('\n'));
            return { file: screen.file, kind: screen.kind, shown: other.file, found };
          }),
      )
      .filter(({ kind, found }) => found !== kind);
    expect(wrong).toEqual([]);
  });

  it('knows a dialog that fills a small pane by who speaks in it', () => {
    const rows = [
      'Do you trust this?',
      'It allows Gemini CLI to run commands.',
      '● 1. Trust',
      '  2. No',
    ];
    const box = rows.map((row) => ` │ ${row.padEnd(40)} │`).join('\n');
    expect(kindOfScreen(box)).toBe('gemini-cli');
  });

  it('knows Copilot as its versions before 1.0.80 draw it, at the left edge', () => {
    const rule = '─'.repeat(60);
    const turn = [
      '❯ Please tidy up',
      '',
      '● Read parser.txt',
      '  └ 3 lines read',
      '',
      '● Tidy now.',
    ];
    const input = [` ~/project${' '.repeat(30)}model`, rule, '❯  Type @ to mention files', rule];
    expect(kindOfScreen([...turn, '', ...input, ' shift+tab switch mode'].join('\n'))).toBe(
      'copilot',
    );
    const asking = [
      'Which colour?',
      '❯ 1. Red',
      '  2. Blue',
      '',
      '↑↓ to select · Enter to confirm · Esc to cancel',
    ];
    const box = [`╭${rule}╮`, ...asking.map((row) => `│ ${row.padEnd(58)} │`), `╰${rule}╯`];
    expect(kindOfScreen([...turn, '', ...box].join('\n'))).toBe('copilot');
  });

  it.each([
    ['nothing', ''],
    ['a shell', 'user@host:~/project$ ls\nREADME.md  src\nuser@host:~/project$ '],
    ['a shell with its own prompt', '~/project main\n❯ git status\nnothing to commit\n❯ '],
    ['a log', '• started\n• listening on 3000\n> GET /\n'],
    ['a manual page', 'NAME\n     ls - list directory contents\n\nDESCRIPTION\n     List.\n'],
  ])('sees no agent in %s', (_, text) => {
    expect(kindOfScreen(text)).toBeNull();
  });
});
