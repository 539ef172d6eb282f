/** What the simulated agents of the end-to-end tests do, step by step. */

const edit = {
  step: 'edit',
  file: 'src/parser.js',
  diff: [' one', '-two', '+three'],
};

/** Reads, then edits with two todos, asks for approval of a command, and completes. */
export const WHOLE_TURN = {
  turns: [
    {
      steps: [
        { step: 'think' },
        { step: 'read', files: ['src/parser.js', 'src/index.js'] },
        {
          step: 'todos',
          todos: [
            { text: 'Fix the parser', status: 'in-progress' },
            { text: 'Run the tests', status: 'open' },
          ],
        },
        { step: 'think' },
        edit,
        {
          step: 'todos',
          todos: [
            { text: 'Fix the parser', status: 'done' },
            { text: 'Run the tests', status: 'in-progress' },
          ],
        },
        { step: 'bash', command: 'npm test', ask: true, output: ['ok 4'] },
        {
          step: 'todos',
          todos: [
            { text: 'Fix the parser', status: 'done' },
            { text: 'Run the tests', status: 'done' },
          ],
        },
        { step: 'think' },
        { step: 'say', text: 'The parser is fixed.' },
      ],
    },
  ],
};

/** A turn that thinks until it is told to go on, then edits, then thinks again. */
export const LONG_TURN = {
  turns: [
    { steps: [{ step: 'think' }, edit, { step: 'think' }, { step: 'say', text: 'Done.' }] },
    { steps: [{ step: 'think' }, { step: 'say', text: 'Done again.' }] },
  ],
};
