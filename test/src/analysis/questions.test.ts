/** What can be answered in questions, as Claude Code 2.1.330 and others draw them. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judge } from '../../../accuracy/screens.ts';
import { recordedScreen } from './screens.ts';

const FOLDER = new URL('../../fixtures/simulated-agent/', import.meta.url);
const dialogOn = (name: string) => {
  const text = readFileSync(new URL(`question-${name}.txt`, FOLDER), 'utf8');
  return judge({ text, title: '✳ Claude Code' }).dialog;
};
const optionsOf = (name: string) => dialogOn(name)?.options;

describe('a question with several answers', () => {
  it('has its ticks, its descriptions, the field for a text and what submits it', () => {
    expect(judge(recordedScreen(MULTI)).dialog?.options).toEqual([
      { ...option('1', 'Types', 'd.ts file'), ticked: false, preselected: true },
      { ...option('2', 'Docs', 'README section'), ticked: false },
      { ...option('3', 'Type something'), ticked: false, takesText: true },
      option('submit', 'Submit'),
      { ...option('4', 'Chat about this'), key: '4' },
    ]);
  });

  it('has what was ticked and typed, wherever the cursor stands', () => {
    const typed = [
      { label: 'Types', ticked: true },
      { label: 'Docs', ticked: false },
      { label: 'a changelog', ticked: true },
      { id: 'submit' },
      { id: '4' },
    ];
    expect(optionsOf('ticks-with-text')).toMatchObject(typed);
    expect(optionsOf('ticks-at-submit')).toMatchObject(typed);
    const chosen = (name: string) => optionsOf(name)?.find(({ preselected }) => preselected)?.id;
    expect(chosen('ticks-with-text')).toBe('3');
    expect(chosen('ticks-at-submit')).toBe('submit');
  });

  it('is the same question whatever is ticked or typed', () => {
    const id = judge(recordedScreen(MULTI)).dialog?.id;
    expect(dialogOn('ticks-cursor-on-text')?.id).toBe(id);
    expect(dialogOn('ticks-with-text')?.id).toBe(id);
    expect(dialogOn('ticks-at-submit')?.id).toBe(id);
    expect(dialogOn('with-text')?.id).toBe(dialogOn('cursor-on-text')?.id);
    const asking = recordedScreen(MULTI);
    const other = { ...asking, text: asking.text.replace('2. [ ] Docs', '2. [ ] Tests') };
    expect(judge(other).dialog?.id).not.toBe(id);
  });

  it('is reviewed on a page of its own', () => {
    expect(dialogOn('review')).toMatchObject({
      attention: 'question',
      options: [
        { id: '1', label: 'Submit answers', key: '1', preselected: true },
        { id: '2', label: 'Cancel', key: '2', preselected: false },
      ],
    });
    expect(dialogOn('review-unanswered')?.id).not.toBe(dialogOn('review')?.id);
  });

  it('keeps a long text together that goes on in the next rows', () => {
    const text = readFileSync(new URL('question-ticks-with-text.txt', FOLDER), 'utf8');
    const long = 'a changelog with all that has changed since the version before it, sorted by the';
    const wrapped = text
      .replace('a changelog   ', `${long} parts that it is about\n         and by days`)
      .replaceAll(/ +$/gm, '');
    const { dialog } = judge({ text: wrapped, title: '✳ Claude Code' });
    expect(dialog?.options[2]?.label).toBe(`${long} parts that it is about and by days`);
    expect(dialog?.options[3]?.id).toBe('submit');
  });
});

describe('a text of one’s own', () => {
  it('can be given where nobody is writing it', () => {
    expect(optionsOf('cursor-on-text')?.[3]).toMatchObject({ takesText: true, key: '4' });
    const written = optionsOf('with-text')?.[3];
    expect(written).toEqual({
      ...option('4', 'a stream, lazily'),
      ...{ key: '4', preselected: true, inTerminal: true },
    });
  });

  it.each([
    ['gemini-cli/0.61.0/18-question.txt', 'Enter a custom value'],
    ['opencode/1.18.33/19-question.txt', 'Type your own answer'],
    ['qwen-code/0.24.4/15-question.txt', 'Type something...'],
  ])('is for the terminal where it is not known how it is taken: %s', (file, label) => {
    const options = judge(recordedScreen(file)).dialog?.options ?? [];
    const locked = options.filter(({ inTerminal }) => inTerminal);
    expect(locked.map((each) => each.label)).toEqual([label]);
    expect(options[0]).toMatchObject({ label: 'Array', description: 'a' });
  });

  it('leaves ticks to the terminal there too', () => {
    const asking = recordedScreen('gemini-cli/0.61.0/18-question.txt');
    const text = asking.text
      .replace('● 1.  Array', '● 1. [ ] Array')
      .replace('2.  It', '2. [x] It');
    const { dialog } = judge({ ...asking, text });
    expect(dialog?.options).toMatchObject([
      { label: 'Array', ticked: false, inTerminal: true },
      { label: 'Iterator', ticked: true, inTerminal: true },
      { inTerminal: true },
    ]);
  });
});

const MULTI = 'claude-code/2.1.330/80-ask-user-question-multi-tab2.txt';

const option = (id: string, label: string, description?: string) => ({
  ...{ id, label, key: null, preselected: false },
  ...(description === undefined ? {} : { description }),
});
