import { describe, expect, it } from 'vitest';
import { judge } from '../../../../accuracy/screens.ts';

describe('a pane without an agent', () => {
  it.each(['bash', '-zsh', 'fish', 'sh'])('is ready at the prompt of %s', (command) => {
    expect(judge({ kind: 'generic', command, text: '$ ' })).toMatchObject({
      activity: 'complete',
      attention: 'none',
      rule: 'generic.prompt',
      reason: 'ready',
    });
  });

  it.each([
    { line: '$', content: 'empty', text: '' },
    { line: 'user@box:~/shop$', content: 'empty', text: '' },
    { line: 'user@box:~/shop$ echo DRAFT', content: 'draft', text: 'echo DRAFT' },
    { line: '~/shop % rm -r', content: 'draft', text: 'rm -r' },
    { line: '❯ echo 5', content: 'draft', text: 'echo 5' },
    { line: '❯                     12:30:05', content: 'empty', text: '' },
    { line: '➜  shop git:(main) ✗', content: 'absent', text: '' },
    { line: 'built in 3 s', content: 'absent', text: '' },
  ])('has $content at "$line"', ({ line, content, text }) => {
    const screen = `$ npm test\nok\n\n${line}\n\n\n`;
    expect(judge({ kind: 'generic', command: 'bash', text: screen }).composer).toEqual({
      content,
      text,
    });
  });

  it.each(['vim', 'make', 'bashtop', 'node'])('is working while %s runs', (command) => {
    expect(judge({ kind: 'generic', command, text: 'building…' })).toMatchObject({
      activity: 'working',
      rule: 'generic.program',
      toolRunning: true,
      evidence: command,
    });
  });

  it('sees progress in what a program prints', () => {
    const looks = ['one', 'one\ntwo'].map((text) =>
      judge({ kind: 'generic', command: 'make', text }),
    );
    expect(looks[0]?.fingerprint).not.toBe(looks[1]?.fingerprint);
  });

  it('is unknown where the program is', () => {
    for (const text of ['building…', '$ npm test', '  quoted $', ''])
      expect(judge({ kind: 'generic', command: '', text }).activity).toBe('unknown');
  });

  it.each(['$ ', 'user@box:~/shop$ ', '❯', '➜  shop %'])(
    'is ready at "%s", though nobody knows its program',
    (text) => {
      expect(judge({ kind: 'generic', command: '', text: `ok\n${text}\n` })).toMatchObject({
        activity: 'complete',
        reason: 'ready',
        rule: 'generic.prompt-line',
      });
      expect(judge({ kind: 'generic', command: 'vim', text }).activity).toBe('working');
    },
  );

  it('that tmux keeps after its program ended has failed', () => {
    const text = 'bye\n\nPane is dead (status 3, Sun Nov 22 16:03:36 2026)';
    expect(judge({ kind: 'generic', command: 'bash', text })).toMatchObject({
      activity: 'error',
      reason: 'exited',
      rule: 'tmux.pane-dead',
    });
  });
});
