/** What can be answered in questions, as Claude Code 2.1.330 and others draw them. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judge } from '../../../accuracy/screens.ts';
import { recordedScreen } from './screens.ts';

const FOLDER = new URL('../../fixtures/simulated-agent/', import.meta.url);
const textOf = (name: string) => readFileSync(new URL(`question-${name}.txt`, FOLDER), 'utf8');
const dialogIn = (text: string) => judge({ text, title: '✳ Claude Code' }).dialog;
const dialogOn = (name: string) => dialogIn(textOf(name));
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
    const text = textOf('ticks-with-text');
    const long = 'a changelog with all that has changed since the version before it, sorted by the';
    const wrapped = text
      .replace('a changelog   ', `${long} parts that it is about\n         and by days`)
      .replaceAll(/ +$/gm, '');
    const dialog = dialogIn(wrapped);
    expect(dialog?.options[2]?.label).toBe(`${long} parts that it is about and by days`);
    expect(dialog?.options[3]?.id).toBe('submit');
  });

  it.each([
    ['Next', '         Next          '],
    ['Submit', '         Submit        '],
    ['❯ Submit', '       ❯ Submit        '],
  ])('is submitted in one place, though a description says `%s`', (description, row) => {
    const text = textOf('ticks-with-text').replace('         README section', row);
    const dialog = dialogIn(text);
    expect(dialog?.options.map(({ id }) => id)).toEqual(['1', '2', '3', 'submit', '4']);
    expect(dialog?.options[1]).toMatchObject({ label: 'Docs', description });
    expect(dialog?.options.filter(({ preselected }) => preselected)).toHaveLength(1);
    const other = dialogIn(text.replace('[ ] Docs', '[ ] Drop the database'));
    expect(other?.id).not.toBe(dialog?.id);
  });

  it('is the same question while a text of several lines stands in it', () => {
    const long = textOf('ticks-with-text').replace(
      /a changelog +/,
      'a changelog\n         and a page\n\n         of its own',
    );
    const dialog = dialogIn(long);
    expect(dialog?.id).toBe(dialogOn('ticks-with-text')?.id);
    expect(dialog?.options.map(({ id }) => id)).toEqual(['1', '2', '3', 'submit', '4']);
    expect(dialog?.options[2]).toMatchObject({
      ...{ label: 'a changelog', description: 'and a page of its own' },
    });
  });
});

it('leaves a dialog with two cursors to the terminal', () => {
  const text = textOf('cursor-on-text').replace('  2. Iterator', '❯ 2. Iterator');
  const options = dialogIn(text)?.options ?? [];
  expect(options).toHaveLength(5);
  expect(options.filter(({ inTerminal }) => !inTerminal)).toEqual([]);
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

  it('is somebody’s who is writing it, also in several lines', () => {
    const text = textOf('with-text').replace(
      /a stream, lazily */,
      'a stream, lazily\n     but only for files\n\n     or nothing',
    );
    const dialog = dialogIn(text);
    expect(dialog?.options[3]).toMatchObject({ preselected: true, inTerminal: true });
    expect(dialog?.id).toBe(dialogOn('cursor-on-text')?.id);
    const same = textOf('cursor-on-text').replace('Type something.', '$&\n     and more');
    expect(dialogIn(same)?.options[3]).toMatchObject({ inTerminal: true });
  });

  it('goes into the field and no option that is called as the field is', () => {
    const text = textOf('cursor-on-text').replace('2. Iterator', '2. Type something.');
    expect(dialogIn(text)?.options.map(({ takesText }) => takesText ?? false)).toEqual([
      ...[false, false, false, true, false],
    ]);
  });

  it.each(['[x] a stream', '[✔] a stream', '[ ]'])('may look like a tick: `%s`', (own) => {
    const options = dialogIn(textOf('with-text').replace('a stream, lazily', own))?.options ?? [];
    expect(options[3]).toMatchObject({ label: own, inTerminal: true });
    expect(options.filter(({ ticked }) => ticked !== undefined)).toEqual([]);
  });

  it.each(['[A] Iterator', '[✔] Iterator'])('may stand below a label like `%s`', (label) => {
    const dialog = dialogIn(textOf('cursor-on-text').replace('Iterator', label));
    expect(dialog?.options[1]).toMatchObject({ label, key: '2' });
    expect(dialog?.options[1]).not.toHaveProperty('ticked');
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
