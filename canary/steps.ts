/** The walk: each step leads the agent through some states, and the model says what that takes. */

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { WANTS, wantOpening } from './judging.ts';
import type { Stage } from './stage.ts';
import { NotReached } from './stage.ts';

export type Step = (stage: Stage) => Promise<void>;

/** Whatever stands before the first prompt, and the prompt itself. */
export const open: Step = async (stage) => {
  const left = new Set(stage.cli.openings);
  const end = Date.now() + STARTING_MS;
  for (;;) {
    const { text, dead } = await stage.untilQuiet();
    if (dead) throw new NotReached('the program has ended');
    // On the main screen a dialog may stay above what comes after it.
    const opening = [...left].find(({ shows }) => shows.test(text));
    if (opening === undefined) {
      // A first start may say something and stand still for a while before it draws its prompt.
      if (!(await stage.shows(WANTS.ready)) && Date.now() < end) continue;
      return stage.look('fresh', WANTS.ready);
    }
    left.delete(opening);
    await stage.look(opening.name, wantOpening(opening.attention));
    await stage.choose(opening.choose);
    await untilGone(stage, opening.shows);
  }
};

/** How long a program, or a command of it, may take to start. */
const STARTING_MS = 20_000;

/** Gemini CLI starts anew once its folder is trusted, and leaves the dialog standing until then. */
const untilGone = async (stage: Stage, shown: RegExp): Promise<void> => {
  const end = Date.now() + LEAVING_MS;
  while (Date.now() < end && shown.test((await stage.pane.capture()).text)) await stage.pause(300);
};

const LEAVING_MS = 8000;

/** One task from the first thought to its end, with all that may be asked on the way. */
export const task: Step = async (stage) => {
  await writeFile(stage.path('parser.txt'), 'words\nand blanks\nand words\n');
  await writeFile(stage.path('slow-test.sh'), slowTest(stage.path('')));
  const { turn, first } = await stage.prompt('Please tidy up the parser');
  await stage.look('thinking', WANTS.looking);
  first.think('The parser reads words. I look at it first. '.repeat(3));
  await stage.look('thinking-aloud', WANTS.looking);
  stage.call(first, { want: 'read', path: stage.path('parser.txt') });

  const second = await stage.next(turn);
  await stage.look('reading', WANTS.looking);
  second.say('I write the notes now.');
  stage.call(second, { want: 'write', path: stage.path('notes.txt'), content: NOTES });
  await stage.untilAsked(turn);
  await stage.look('approval-write', WANTS.approval);
  await stage.pane.press(...stage.cli.consent);

  const third = await stage.next(turn);
  await stage.look('working', WANTS.changing);
  const command = `sh ${stage.path('slow-test.sh')}`;
  stage.call(third, { want: 'run', command, outside: true });
  await stage.untilAsked(turn);
  if (hasStarted(stage)) throw new NotReached('the agent runs a command without asking');
  await stage.look('approval-run', WANTS.approval);
  await stage.pane.press(...stage.cli.consent);
  await untilStarted(stage);
  await stage.look('command-running', WANTS.changing);
  await writeFile(stage.path('.go'), '');

  const fourth = await stage.next(turn);
  await stage.look('command-done', WANTS.changing);
  fourth.say('The parser is tidy now. I have written notes and ');
  await stage.look('streaming', WANTS.changing);
  fourth.say('run the tests.');
  turn.close();
  fourth.end();
  await stage.untilQuiet();
  await stage.look('complete', WANTS.complete);
};

const NOTES = 'The parser reads words.\nIt keeps blanks.\nIt has tests.\n';

/** It runs until the walk has seen it run, but for a minute at most. */
const slowTest = (folder: string): string => `cd '${folder}'
touch .started
for try in $(seq 300); do
  [ -e .go ] && break
  sleep 0.2
done
echo 7 tests passed
`;

const hasStarted = (stage: Stage): boolean => existsSync(stage.path('.started'));

const untilStarted = async (stage: Stage): Promise<void> => {
  const end = Date.now() + STARTING_MS;
  while (!hasStarted(stage)) {
    if (Date.now() > end) throw new NotReached('the command does not start');
    await stage.pause(100);
  }
  await stage.pause(DRAWING_MS);
};

/** Until the agent has drawn what it has begun. */
const DRAWING_MS = 500;

/** A person has begun to type the next prompt. */
export const draft: Step = async (stage) => {
  await stage.pane.type(DRAFT);
  await stage.look('draft', WANTS.complete);
  await stage.pane.press(...Array<string>(DRAFT.length).fill('BSpace'));
};

const DRAFT = 'then';

/** The model asks the user something; nobody wants to answer. */
export const question: Step = async (stage) => {
  const { turn, first } = await stage.prompt('Please ask me which colour');
  const options = ['Red', 'Blue'] as const;
  stage.call(first, { want: 'ask', question: 'Which colour do you like?', options });
  await stage.untilAsked(turn);
  await stage.look('question', WANTS.question);
  turn.close();
  await stage.pane.press('Escape');
  await stage.untilQuiet();
};

/** Escape while the model is silent after a tool's result. */
export const interruption: Step = async (stage) => {
  const { turn, first } = await stage.prompt('Please look at the parser again');
  stage.call(first, { want: 'read', path: stage.path('parser.txt') });
  await stage.next(turn);
  await stage.look('reading-again', WANTS.looking);
  turn.close();
  await stage.pane.press(...stage.cli.interrupt);
  await stage.untilQuiet();
  await stage.look('interrupted', WANTS.interrupted);
};

/** The model refuses for good. */
export const refusal: Step = async (stage) => {
  const { turn, first } = await stage.prompt('Please look at the tests');
  for (let asked: typeof first | null = first; asked; asked = await stage.nextIfAny(turn)) {
    asked.fail(400, 'the scripted model refuses');
  }
  turn.close();
  await stage.untilQuiet();
  await stage.look('error', WANTS.error);
};

/** An overload is tried again: that is work, and ends well. */
export const overload: Step = async (stage) => {
  const { turn, first } = await stage.prompt('Please count the words');
  first.fail(529, 'Overloaded');
  await stage.look('retrying', WANTS.running);
  const again = await stage.next(turn);
  again.say('There are seven words.');
  turn.close();
  again.end();
  await stage.untilQuiet();
  await stage.look('complete-after-retry', WANTS.complete);
};
