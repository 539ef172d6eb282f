/**
 * What the agents do with the prompts they are given: short turns of every kind, in an endless round.
 * Nothing begins or is answered by itself: an agent that waits has come to rest.
 */

const think = { step: 'think', ms: [200, 900] };
const done = { step: 'say', text: 'That is done.' };
const diff = [' const total = 1;', '-return total;', '+return total + 1;'];

const TURNS = [
  { steps: [think, { step: 'read', files: ['src/cart.ts'], ms: [200, 600] }, done] },
  {
    steps: [
      { step: 'todos', todos: [{ text: 'Run the tests' }, { text: 'Mend the cart' }] },
      think,
      { step: 'bash', command: 'npm test', output: ['7 passed'], ms: [300, 1_500] },
      { step: 'task', number: 1, status: 'done' },
      { step: 'edit', file: 'src/cart.ts', diff, ms: 300 },
      { step: 'task', number: 2, status: 'done' },
      done,
    ],
  },
  {
    steps: [think, { step: 'edit', file: 'src/list.ts', diff, ms: 300, ask: true }, done],
  },
  { steps: [{ step: 'bash', command: 'git push', ms: 300, ask: true }, done] },
  { steps: [think, { step: 'retry', seconds: 1 }, { step: 'error', message: '529 Overloaded' }] },
  { steps: [think, { step: 'flood', lines: 2_000, ms: [300, 900] }, done] },
  {
    steps: [
      {
        step: 'question',
        questions: [
          {
            header: 'Shop',
            question: 'Which shop is meant?',
            options: [{ label: 'The old one' }, { label: 'The new one' }],
          },
        ],
      },
      done,
    ],
  },
  { steps: [{ step: 'think', ms: [1_500, 4_000] }, done] },
];

/** Each agent begins elsewhere in the round. */
export const scriptOf = (agent: number): object => ({
  loop: true,
  turns: TURNS.map((_, index) => TURNS[(index + agent) % TURNS.length]),
  frames: { perSecond: 8, pieces: 2 },
  seed: agent + 1,
});
