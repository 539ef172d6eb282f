/** What Redis answered, and what a person can do about it where that does not say so itself. */
export const withNextStep = (answer: string, isPrivate: boolean): string => {
  const step = STEPS.find(([error]) => error.test(answer));
  if (step === undefined) return answer;
  const [, own, others] = step;
  return `${answer}; ${isPrivate ? own : others}`;
};

const NOT_TO_WRITE =
  'it is the private one of another monitor, or its users may not write: name one in REDIS_URL where this monitor may';

const STEPS: readonly (readonly [error: RegExp, own: string, others: string])[] = [
  [
    /\bOOM /,
    'something has filled its memory: empty it by FLUSHDB, as docs/operations.md says, and set AGENT_MONITOR_REDIS_PASSWORD where that was somebody else',
    'its memory is full: raise its maxmemory, or empty what else is in it',
  ],
  [
    /\bBUSY /,
    'a script holds it up; where that lasts it is ended and started anew',
    'a script holds it up: end it by SCRIPT KILL, or start Redis anew',
  ],
  [/\bNOPERM /, NOT_TO_WRITE, NOT_TO_WRITE],
];
