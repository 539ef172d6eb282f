import { describe, expect, it } from 'vitest';
import { judge, type RecordedScreen, recordedScreens } from '../../../accuracy/screens.ts';
import { AGENT_KINDS } from '../../../machines/vocabulary.ts';
import { rewrap } from './redraw.ts';
import { gist, recordedScreen } from './screens.ts';

const screens = recordedScreens('claude-code').filter(({ state }) => state !== 'dead');

/** Runs a change over every screen it applies to: none of them may be judged differently. */
const expectSame = (change: (screen: RecordedScreen) => string, atLeast: number): void => {
  const changed = screens
    .map((screen) => ({ screen, text: change(screen) }))
    .filter(({ screen, text }) => text !== screen.text);
  expect(changed.length).toBeGreaterThanOrEqual(atLeast);
  for (const { screen, text } of changed)
    expect(gist(judge({ ...screen, text })), screen.file).toEqual(gist(judge(screen)));
};

describe('a screen says the same', () => {
  it.each([50, 60, 80, 100, 200])('%i columns wide', (width) => {
    // Some lines were recorded wrapped or overlaid already: those cannot be wrapped anew.
    const fixed = /140-scrolled-up|160-|163-|169-|170-|171-/;
    expectSame(({ file, text }) => (fixed.test(file) ? text : rewrap(text, width)), 100);
  });

  it('of a dialog, at any width, by its id', () => {
    const asking = screens.filter(
      ({ state, file }) => /waiting/.test(state) && !/16\d-|170-/.test(file),
    );
    expect(asking.length).toBeGreaterThan(10);
    for (const screen of asking)
      for (const width of [80, 100, 200]) {
        const { dialog } = judge({ ...screen, text: rewrap(screen.text, width) });
        expect(dialog?.id, screen.file).toBe(judge(screen).dialog?.id);
      }
  });

  it.each(['Zorbling', '思考', 'Überdenken', 'Re-reading the plan'])('with the verb %s', (verb) => {
    expectSame(({ text }) => text.replace(/^([·✢*✶✻✽]) [^…\n]+…( \(|$)/gm, `$1 ${verb}…$2`), 40);
  });

  it.each(['❋', '+', '∗', '✳'])('with the spinner %s', (glyph) => {
    expectSame(({ text }) => text.replace(/^[·✢*✶✻✽] (?=\S)/gm, `${glyph} `), 80);
  });

  it('padded with blanks, and with carriage returns', () => {
    expectSame(({ text }) => `${text.replace(/$/gm, '     \r')}\n\n\n`, 140);
  });

  it('with ordinary spaces where there were no-break ones', () => {
    expectSame(({ text }) => text.replaceAll('\u00a0', ' '), 100);
  });

  it('with wide characters in its prose and its paths', () => {
    expectSame(({ text }) => text.replace(/parser/g, '解析器').replace(/the /g, '😀 '), 60);
  });
});

describe('a text about dialogs, spinners and errors is only a text', () => {
  const quotable = [
    ...screens.filter(({ state }) => state.startsWith('waiting')),
    ...screens.filter(({ file }) => /72-api|77-api|53-bash|57-complete|91-api/.test(file)),
    ...recordedScreens().filter(({ file }) => /codex.*25-|gemini.*05-|copilot.*07-/.test(file)),
  ];

  it.each(quotable)('$file in a tool’s output', (quoted) => {
    expectSame(({ text }) => insert(text, asOutput(quoted.text)), 80);
  });

  it.each(quotable)('$file in the agent’s answer', (quoted) => {
    const lines = quoted.text.split('\n').map((line) => `  ${line}`);
    expectSame(({ text }) => insert(text, ['● It looks like this:', '', ...lines]), 80);
  });

  it('at the bottom of a half-drawn screen that has no input box yet', () => {
    const idle = recordedScreen('claude-code/2.1.330/90-background-bash-finished.txt');
    const above = idle.text.split('\n').slice(0, 7).join('\n');
    for (const { file, text } of quotable) {
      const answer = ['● It looks like this:', '', ...text.split('\n').map((line) => `  ${line}`)];
      for (const block of [asOutput(text), answer]) {
        const half = [above, ...block].join('\n');
        expect(judge({ ...idle, text: half }).attention, file).toBe('none');
      }
    }
  });

  it('where a tool’s output fills the whole screen', () => {
    const asking = recordedScreen('claude-code/2.1.330/51-permission-bash.txt');
    const text = asOutput(asking.text).slice(8).join('\n');
    expect(judge({ ...asking, text }).attention).toBe('none');
  });

  it('where a person typed a list as a prompt', () => {
    const text = ['❯ 1. Fix the parser', '  2. Add a test', ''].join('\n');
    expect(judge({ text })).toMatchObject({ activity: 'unknown', attention: 'none' });
  });

  it('where nothing but its last line is left', () => {
    const text = ['some words', '', ' Enter to confirm · Esc to cancel'].join('\n');
    expect(judge({ text })).toMatchObject({ activity: 'unknown', attention: 'none' });
  });

  it('in prose that imitates what the agent draws', () => {
    const idle = recordedScreen('claude-code/2.1.330/90-background-bash-finished.txt');
    const prose = [
      '● API Error: 529 is what the server says when it is overloaded.',
      '  Then it shows esc to interrupt, and ✻ API error · retrying in 1s · attempt 1/10.',
      '  ❯ 1. Yes',
      '    2. No',
      '  Esc to cancel · Tab to amend',
      '  ✻ Thinking… (3s · ↓ 6 tokens)',
    ];
    const verdict = judge({ ...idle, text: insert(idle.text, prose) });
    expect(verdict).toMatchObject({
      activity: 'complete',
      attention: 'none',
      rule: 'claude-code.done',
    });
  });

  it('in the input box that an agent left above the shell', () => {
    const idle = recordedScreen('claude-code/2.1.330/191-complete.txt');
    const text = `${idle.text.trimEnd()}\nuser@host:~/project$ `;
    expect(judge({ ...idle, text })).toMatchObject({
      activity: 'unknown',
      composer: { content: 'absent' },
    });
  });

  it('in a shell after the agent has gone', () => {
    const asking = recordedScreen('claude-code/2.1.330/184-permission-edit.txt');
    const text = `${asking.text.trimEnd()}\nuser@host:~/project$ `;
    expect(judge({ ...asking, text }).attention).toBe('none');
  });
});

describe('a title', () => {
  const asking = recordedScreen('claude-code/2.1.330/43-permission-edit.txt');
  const idle = recordedScreen('claude-code/2.1.330/90-background-bash-finished.txt');

  it('never overrules a dialog on the screen', () => {
    expect(judge({ ...asking, title: '◐ Claude Code' }).attention).toBe('approval');
  });

  it('tells a turn whose answer is just being written', () => {
    const text = idle.text.replace(/^✻ .*$/gm, '');
    expect(judge({ ...idle, text, title: '⠂ Some work' })).toMatchObject({
      activity: 'reading',
      rule: 'claude-code.title',
    });
  });

  it('that is a terminal’s answer to a probe says nothing', () => {
    expect(judge({ ...idle, title: 'Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA' })).toEqual(judge(idle));
  });
});

describe('what cannot be read is unknown', () => {
  it.each([
    ['an empty screen', ''],
    ['a shell', 'user@host:~$ ls\nREADME.md\nuser@host:~$ '],
    ['binary garbage', '\u0000\u0007\ufffd'.repeat(500)],
    ['an unterminated escape', '\x1b[38;5;'],
    ['one long line', '─'.repeat(100_000)],
  ])('%s', (_, text) => {
    expect(judge({ text })).toMatchObject({ activity: 'unknown', attention: 'none', dialog: null });
  });
});

describe.each(AGENT_KINDS)('what a hostile screen costs %s', { timeout: 60_000 }, (kind) => {
  it.each([
    ' ',
    '─',
    '│ ',
    '❯ 1. ',
    '● Bash(',
    '  ⎿  $ (',
    '✻ a… (',
    '● Read 1 file, ',
    '(9',
    '9',
    '· 9m 9',
    'esc to interrupt · ',
    'Enter to a · ',
    '◐ ',
    '\u00a0',
    '\x1b[',
    '\x1b]',
    '\x1b[38;5;',
  ])('grows with its length, not faster: %j', (part) => {
    const cost = (length: number) => {
      const line = part.repeat(1 + length / part.length).slice(0, length);
      const before = process.threadCpuUsage().user;
      judge({ kind, title: line, text: `${line}\n`.repeat(300) });
      return process.threadCpuUsage().user - before;
    };
    const [short, long] = [Math.min(cost(250), cost(250)), Math.min(cost(1000), cost(1000))];
    // Four times the length: a pattern that is not linear takes sixteen times the steps.
    if (long > 100_000) expect(long / short).toBeLessThan(10);
  });

  it.each(['text', '  text', '', '● text', '│ text │', '> 1. text', '  ┃  text'])(
    'grows with its lines, not faster: %j',
    (line) => {
      const cost = (lines: number) => {
        const before = process.threadCpuUsage().user;
        for (let at = 0; at < 10; at += 1) judge({ kind, text: `${line}\n`.repeat(lines) });
        return process.threadCpuUsage().user - before;
      };
      const [short, long] = [Math.min(cost(100), cost(100)), Math.min(cost(1000), cost(1000))];
      // Ten times the lines: what looks at all of them from each of them takes a hundred times.
      // What is too short to be measured counts as a millisecond.
      if (long > 20_000) expect(long / Math.max(short, 1000)).toBeLessThan(40);
    },
  );
});

/** Puts lines below the user's first prompt; screens without one stay as they are. */
const insert = (text: string, block: string[]): string => {
  const lines = text.split('\n');
  const isPrompt = (line: string) => /^❯[ \u00a0]\S/.test(line);
  const row = lines.findIndex(isPrompt);
  if (row < 0 || row === lines.findLastIndex((line) => line.startsWith('❯'))) return text;
  return lines.toSpliced(row + 1, 0, '', ...block, '').join('\n');
};

const asOutput = (text: string): string[] => {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return [
    '● Bash(cat notes.txt)',
    ...lines.map((line, at) => (at === 0 ? '  ⎿  ' : '     ') + line),
  ];
};
