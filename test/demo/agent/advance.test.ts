import { describe, expect, it } from 'vitest';
import { deadlineOf } from '../../../demo/agent/advance.ts';
import { virtualAgent } from '../../support/virtual-agent.ts';

const turn = (...steps: object[]) => ({ turns: [{ steps }] });
const EDIT = { step: 'edit', file: 'a.ts', diff: ['-a', '+b'], ask: true };
const text = (lines: string[]): string => lines.join('\n');

describe('a turn', () => {
  it('says in its journal what is true at every step', () => {
    const agent = virtualAgent(
      turn({ step: 'read', files: ['a.ts'] }, { step: 'bash', command: 'ls', looks: true }, EDIT, {
        step: 'think',
        ms: 100,
      }),
    );
    agent.submit('Go');
    agent.pass(5000);
    agent.type('1');
    agent.pass(5000);
    const told = agent.notes().map(({ event, truth, attention }) => [event, truth, attention]);
    expect(told).toEqual([
      ['start', 'complete', 'none'],
      ['prompt', 'reading', 'none'],
      ['read', 'reading', 'none'],
      ['bash', 'reading', 'none'],
      ['dialog', 'reading', 'approval'],
      ['answer', 'reading', 'none'],
      ['edit', 'working', 'none'],
      ['think', 'working', 'none'],
      ['done', 'complete', 'none'],
    ]);
  });

  it('does each thing at its own time, however long nobody looked', () => {
    const pause = { step: 'wait', ms: 500 };
    const agent = virtualAgent(turn({ step: 'think', ms: 2000 }, pause, pause, pause));
    agent.submit('Go');
    agent.jump(60_000);
    expect(agent.notes().at(-1)).toMatchObject({ event: 'done', ms: 3500 });
  });

  it('shows no spinner while an answer comes in', () => {
    const agent = virtualAgent(turn({ step: 'say', text: 'word '.repeat(100), ms: 1000 }));
    agent.submit('Talk');
    agent.pass(400);
    expect(text(agent.screen()).match(/word/g)).toHaveLength(40);
    expect(text(agent.screen())).not.toContain('…');
    expect(text(agent.screen())).toContain('esc to interrupt');
  });

  it('goes step by step when it is told to', () => {
    const agent = virtualAgent(
      turn({ step: 'think' }, { step: 'say', text: 'Hm.' }, { step: 'read', files: ['a.ts'] }),
      { stepped: true },
    );
    agent.submit('Go');
    agent.pass(60_000);
    expect(agent.events().at(-1)).toBe('think');
    agent.next();
    expect(agent.events().slice(-2)).toEqual(['say', 'read']);
    agent.next();
    expect(agent.events().at(-1)).toBe('done');
  });

  it('waits for the key or the input that a step names', () => {
    const agent = virtualAgent(
      turn({ step: 'wait', await: { key: 'y' } }, { step: 'wait', await: 'input' }),
    );
    agent.submit('Go');
    agent.pass(9000);
    agent.type('y');
    agent.type('input');
    expect(agent.events().at(-1)).toBe('wait');
    agent.key('ctrl-u');
    agent.submit('here you are');
    expect(agent.events().slice(-2)).toEqual(['input', 'done']);
    expect(text(agent.screen())).toContain('❯ here you are');
  });

  it('repeats its steps, and the script its turns', () => {
    const agent = virtualAgent({
      loop: true,
      turns: [{ prompt: 'Again', afterMs: 100, repeat: 2, steps: [{ step: 'think', ms: 100 }] }],
    });
    agent.pass(650);
    expect(agent.events()).toEqual([
      'start',
      'prompt',
      'think',
      'think',
      'done',
      'prompt',
      'think',
      'think',
      'done',
    ]);
  });

  it('answers prompts for which the script has no turn', () => {
    const agent = virtualAgent({});
    agent.submit('Anyone?');
    expect(text(agent.screen())).toContain('● Noted.');
    expect(agent.state().truth.activity).toBe('complete');
  });

  it('does not draw for ever where nothing takes time', () => {
    const agent = virtualAgent({
      loop: true,
      turns: [{ prompt: 'Spin', afterMs: 0, repeat: 1e9, steps: [{ step: 'todos', todos: [] }] }],
    });
    agent.pass(100);
    expect(agent.state().phase.at).toBe('turn');
  });

  it('ends with its exit code', () => {
    const agent = virtualAgent(turn({ step: 'exit', code: 3 }));
    agent.submit('Leave');
    expect(agent.state().phase).toEqual({ at: 'exited', code: 3 });
    expect(agent.notes().at(-1)).toMatchObject({ event: 'exit', truth: 'error', code: 3 });
  });
});

describe('an interrupt', () => {
  it('only gives the prompt back while the turn was thinking', () => {
    const agent = virtualAgent(turn({ step: 'think' }));
    agent.submit('Think about it');
    agent.pass(500);
    agent.key('escape');
    expect(text(agent.screen())).not.toContain('Interrupted');
    expect(agent.state().composer.draft).toBe('Think about it');
    expect(agent.state().entries).toEqual([]);
  });

  it('is said after tools have run', () => {
    const agent = virtualAgent(turn({ step: 'read', files: ['a.ts'] }, { step: 'think' }));
    agent.submit('Read it');
    agent.pass(1500);
    agent.key('escape');
    expect(text(agent.screen())).toContain('⎿ \u00a0Interrupted · What should Claude do instead?');
    expect(agent.state().composer.draft).toBe('');
    expect(agent.state().truth.activity).toBe('idle');
  });

  it('keeps as much of an answer as had come in', () => {
    const agent = virtualAgent(turn({ step: 'say', text: 'word '.repeat(100), ms: 1000 }));
    agent.submit('Talk');
    agent.pass(400);
    agent.key('escape');
    expect(text(agent.screen()).match(/word/g)).toHaveLength(40);
  });

  it('sends a message that waited', () => {
    const agent = virtualAgent({
      turns: [{ steps: [{ step: 'think' }] }, { steps: [{ step: 'hang' }] }],
    });
    agent.submit('First');
    agent.submit('Second');
    expect(text(agent.screen())).toContain('❯ Second\n  ⎿  Queued · ctrl+x ctrl+s to send now');
    agent.key('escape');
    expect(agent.notes().at(-2)).toMatchObject({ event: 'prompt', text: 'Second' });
    expect(agent.state().queued).toEqual([]);
  });
});

describe('a dialog', () => {
  const asked = (script: object = turn(EDIT)) => {
    const agent = virtualAgent(script);
    agent.submit('Edit');
    return agent;
  };

  it('really waits', () => {
    const agent = asked();
    agent.pass(3_600_000);
    expect(agent.state().phase.at).toBe('dialog');
    expect(deadlineOf(agent.state())).toBeNull();
  });

  it('is answered by a number at once', () => {
    const agent = asked();
    agent.type('1');
    expect(agent.events().slice(-2)).toEqual(['answer', 'edit']);
  });

  it('is answered by arrows and Enter', () => {
    const agent = asked();
    agent.key('down');
    expect(text(agent.screen())).toMatch(/ ❯ 2\. Yes, and switch/);
    agent.key('enter');
    expect(agent.state().mode).toBe('accept-edits');
  });

  it('is cancelled by Escape, and by its No', () => {
    for (const refuse of [
      (agent: ReturnType<typeof asked>) => agent.key('escape'),
      (agent: ReturnType<typeof asked>) => agent.type('3'),
    ]) {
      const agent = asked();
      refuse(agent);
      expect(agent.events().at(-1)).toBe('interrupted');
      expect(agent.state().phase.at).toBe('prompt');
    }
  });

  it('takes neither pastes nor words for answers', () => {
    const agent = asked();
    agent.paste('1');
    agent.type('12');
    agent.type('x');
    expect(agent.state().phase.at).toBe('dialog');
    expect(agent.state().composer.draft).toBe('');
  });

  it('does not ask about edits once they are accepted', () => {
    const agent = asked({ turns: [{ steps: [EDIT, EDIT] }] });
    agent.type('2');
    agent.pass(2000);
    expect(agent.events().at(-1)).toBe('done');
  });

  it('stops the clock of the turn', () => {
    const agent = asked();
    agent.pass(60_000);
    agent.type('1');
    agent.pass(1000);
    expect(agent.notes().at(-1)).toMatchObject({ event: 'done', ms: 400 });
  });

  it('can be answered by the script', () => {
    const agent = asked(turn({ ...EDIT, ask: { answerAfterMs: 5000, choice: 3 } }));
    agent.pass(4900);
    expect(agent.state().phase.at).toBe('dialog');
    agent.pass(100);
    expect(agent.events().at(-1)).toBe('interrupted');
  });

  it('takes a typed answer to a question', () => {
    const options = [{ label: 'A' }, { label: 'B' }];
    const question = { header: 'Way', question: 'Which?', options };
    const agent = asked(turn({ step: 'question', questions: [question] }));
    agent.type('3');
    agent.type('neither');
    agent.key('enter');
    expect(text(agent.screen())).toContain('· Which? → neither');
  });

  it('collects ticks until they are submitted', () => {
    const options = [{ label: 'A' }, { label: 'B' }, { label: 'C' }];
    const question = { header: 'Extras', question: 'Which?', options, multi: true };
    const agent = asked(turn({ step: 'question', questions: [question] }));
    agent.type('1');
    agent.type('3');
    expect(text(agent.screen())).toMatch(/1\. \[✔\] A\n.*2\. \[ \] B\n.*3\. \[✔\] C/);
    expect(text(agent.screen())).toMatch(/❯ 1\. /);
    for (let i = 0; i < 4; i += 1) agent.key('down');
    agent.key('enter');
    expect(text(agent.screen())).toContain('Review your answers');
    agent.key('enter');
    expect(text(agent.screen())).toContain('· Which? → A, C');
  });

  it('takes a pasted text beside the ticks, and ticks it', () => {
    const question = {
      header: 'Extras',
      question: 'Which?',
      options: [{ label: 'A' }],
      multi: true,
    };
    const agent = asked(turn({ step: 'question', questions: [question] }));
    agent.key('down');
    agent.paste('1 more');
    expect(text(agent.screen())).toMatch(/\[ \] A\n❯ 2\. \[✔\] 1 more/);
    agent.key('down');
    agent.key('enter');
    agent.key('enter');
    expect(text(agent.screen())).toContain('· Which? → 1 more');
  });

  it('lets a script tick one and submit it', () => {
    const question = {
      header: 'Extras',
      question: 'Which?',
      options: [{ label: 'A' }],
      multi: true,
    };
    const ask = { answerAfterMs: 100, choice: 1 };
    const agent = asked(turn({ step: 'question', questions: [question], ask }));
    agent.pass(200);
    expect(text(agent.screen())).toContain('· Which? → A');
  });

  it('preselects No before a folder is trusted, and leaves on it', () => {
    const agent = virtualAgent({ before: ['trust'] });
    agent.key('enter');
    expect(agent.state().phase).toEqual({ at: 'exited', code: 1 });
    const other = virtualAgent({ before: ['trust', 'api-key'] });
    other.key('down');
    other.key('enter');
    expect(text(other.screen())).toContain('Do you want to use this API key?');
    other.key('enter');
    expect(other.state().phase.at).toBe('prompt');
  });
});

describe('the composer of an agent', () => {
  it('submits on Enter, in the same read too', () => {
    const agent = virtualAgent({});
    agent.type('quick');
    agent.key('enter');
    expect(agent.events()).toContain('prompt');
  });

  it('makes a newline of a fast Enter where the script says so', () => {
    const agent = virtualAgent({ swallowEnterMs: 30 });
    agent.type('quick');
    agent.key('enter');
    expect(agent.state().composer.draft).toBe('quick\n');
    agent.pass(100);
    agent.key('enter');
    expect(agent.notes().at(-3)).toMatchObject({ event: 'prompt', text: 'quick' });
  });

  it('takes a linefeed for a newline', () => {
    const agent = virtualAgent({});
    agent.type('one');
    agent.key('newline');
    agent.type('two');
    expect(text(agent.screen())).toContain('❯\u00a0one\n  two');
    expect(agent.events()).not.toContain('prompt');
  });

  it('says how a placeholder is expanded, until the next key', () => {
    const agent = virtualAgent({});
    agent.paste('1\n2\n3\n4');
    expect(text(agent.screen())).toMatch(
      /❯\u00a0\[Pasted text #1 \+3 lines\]\n─+\n {2}paste again to expand/,
    );
    agent.type('x');
    expect(text(agent.screen())).not.toContain('paste again');
  });

  it('shows the placeholder until something is typed', () => {
    const agent = virtualAgent({ placeholder: 'Try "fix lint errors"' });
    expect(text(agent.screen())).toContain('❯\u00a0Try "fix lint errors"');
    agent.type('x');
    expect(text(agent.screen())).toContain('❯\u00a0x\n');
  });

  it('holds the scripted prompt back while a draft stands there', () => {
    const agent = virtualAgent({
      turns: [{ prompt: 'Go', afterMs: 500, steps: [{ step: 'hang' }] }],
    });
    agent.type('wait');
    agent.pass(5000);
    expect(agent.events()).not.toContain('prompt');
    agent.key('ctrl-u');
    agent.pass(100);
    expect(agent.events()).toContain('prompt');
  });

  it('leaves after Ctrl-C twice, clearing a draft first', () => {
    const agent = virtualAgent({});
    agent.type('draft');
    agent.key('ctrl-c');
    expect(agent.state().composer.draft).toBe('');
    agent.key('ctrl-c');
    expect(text(agent.screen())).toContain('Press Ctrl-C again to exit');
    agent.type('x');
    agent.key('backspace');
    agent.key('ctrl-c');
    expect(agent.state().phase.at).toBe('prompt');
    agent.key('ctrl-c');
    expect(agent.state().phase).toEqual({ at: 'exited', code: 0 });
    expect(agent.notes().at(-1)).toMatchObject({ event: 'exit', truth: 'complete' });
  });
});

describe('chance', () => {
  it('is the same for the same seed', () => {
    const play = () => {
      const steps = [{ step: 'think', ms: [100, 5000] }];
      const agent = virtualAgent({ seed: 5, turns: [{ steps }] });
      agent.submit('Go');
      agent.pass(6000);
      return agent.notes().at(-1);
    };
    expect(play()).toEqual(play());
  });
});
