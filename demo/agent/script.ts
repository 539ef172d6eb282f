/** What a simulated agent does, as written in a JSON file: its schema, and errors that say what is allowed. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Reads and checks a script. @throws {BadScript} naming the file, the place in it and what is allowed. */
export const loadScript = (file: string): Script => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new BadScript(`${file}: cannot be read: ${(cause as Error).message}`, { cause });
  }
  return parseScript(text, file);
};

/** @throws {BadScript} */
export const parseScript = (text: string, file: string): Script => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BadScript(`${file}: is not JSON: ${(cause as Error).message}`, { cause });
  }
  const result = SCRIPT.safeParse(value);
  if (result.success) return result.data;
  throw new BadScript([`${file}:`, ...result.error.issues.map(describeIssue)].join('\n  '));
};

export class BadScript extends Error {
  override readonly name = 'BadScript';
}

/** An object that knows its keys, and names them when it meets another one. */
const strict = <Shape extends z.core.$ZodShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `${issue.keys.map((key) => `"${key}"`).join(', ')} is not known here; ` +
          `allowed: ${Object.keys(shape).join(', ')}`
        : undefined,
  });

/** Milliseconds; two numbers mean a chance value between them. */
const MS = z.union([z.int().min(0), z.tuple([z.int().min(0), z.int().min(0)])], {
  error: 'must be milliseconds, or [least, most]',
});

const AWAIT = z.union([z.enum(['next', 'input', 'paste']), strict({ key: z.string().min(1) })], {
  error: 'must be "next", "input", "paste" or {"key": "the key\'s name"}',
});

/** What every step may say about when it ends: after some time, or when something comes. */
const TIMING = { ms: MS.optional(), await: AWAIT.optional() };

/** `true` waits for a person for ever; the object lets a simulated one answer after a while. */
const ASK = z.union(
  [z.boolean(), strict({ answerAfterMs: MS, choice: z.int().min(1).default(1) })],
  { error: 'must be true, false or {"answerAfterMs": …, "choice": 1}' },
);

const STATUS = z.enum(['open', 'in-progress', 'done']);

const TODO = strict({
  text: z.string().min(1),
  /** The spinner's words while it is in progress; default: the text. */
  active: z.string().optional(),
  status: STATUS.default('open'),
});

const QUESTION = strict({
  header: z.string().min(1),
  question: z.string().min(1),
  options: z
    .array(strict({ label: z.string().min(1), description: z.string().optional() }))
    .min(1)
    .max(6),
  multi: z.boolean().default(false),
});

const STEPS = [
  strict({ step: z.literal('think'), ...TIMING, tokens: z.int().min(0).optional() }),
  strict({ step: z.literal('read'), ...TIMING, files: z.array(z.string().min(1)).min(1) }),
  strict({ step: z.literal('search'), ...TIMING, pattern: z.string().min(1) }),
  strict({
    step: z.literal('bash'),
    ...TIMING,
    command: z.string().min(1),
    /** What the screen says while it runs, such as `Searching for x`; default: a count of commands. */
    label: z.string().optional(),
    description: z.string().optional(),
    output: z.array(z.string()).default([]),
    /** Every program in it only reads. */
    looks: z.boolean().default(false),
    failed: z.boolean().default(false),
    ask: ASK.default(false),
  }),
  strict({
    step: z.literal('edit'),
    ...TIMING,
    file: z.string().min(1),
    /** Lines of the diff, each beginning with a space, `-` or `+`. */
    diff: z.array(z.string().regex(/^[ +-]/, 'must begin with a space, - or +')).min(1),
    line: z.int().min(1).default(1),
    ask: ASK.default(false),
  }),
  strict({
    step: z.literal('write'),
    ...TIMING,
    file: z.string().min(1),
    lines: z.array(z.string()).min(1),
    ask: ASK.default(false),
  }),
  strict({ step: z.literal('fetch'), ...TIMING, url: z.url(), ask: ASK.default(false) }),
  strict({ step: z.literal('say'), ...TIMING, text: z.string().min(1) }),
  strict({ step: z.literal('todos'), todos: z.array(TODO) }),
  /** Changes one of the todos, counted from 1. */
  strict({ step: z.literal('task'), number: z.int().min(1), status: STATUS }),
  strict({ step: z.literal('plan'), text: z.string().min(1), ask: ASK.default(true) }),
  strict({
    step: z.literal('question'),
    questions: z.array(QUESTION).min(1).max(4),
    ask: ASK.default(true),
  }),
  strict({
    step: z.literal('retry'),
    ...TIMING,
    message: z.string().default('API error'),
    attempts: z.int().min(1).default(1),
    of: z.int().min(1).default(10),
    seconds: z.int().min(1).default(1),
  }),
  strict({ step: z.literal('hang'), ...TIMING, noticeAfterMs: z.int().min(0).default(45_000) }),
  strict({
    step: z.literal('flood'),
    ...TIMING,
    lines: z.int().min(1).max(5000),
    text: z.string().default('flood'),
  }),
  strict({ step: z.literal('wait'), ...TIMING }),
  strict({
    step: z.literal('error'),
    message: z.string().min(1),
    credit: z.boolean().default(false),
  }),
  strict({ step: z.literal('exit'), code: z.int().min(0).max(255).default(0) }),
] as const;

const STEP = z.discriminatedUnion('step', STEPS, {
  error: `needs "step", one of: ${STEPS.map(({ shape }) => shape.step.value).join(', ')}`,
});

const TURN = strict({
  /** With a prompt the simulated person submits it; without one the turn waits for real input. */
  prompt: z.string().min(1).optional(),
  /** How long the simulated person waits before submitting. */
  afterMs: MS.default(1000),
  steps: z.array(STEP).default([]),
  /** How many times the steps are played before the turn ends. */
  repeat: z.int().min(1).default(1),
});

const FRAMES = strict({
  perSecond: z.number().min(0.1).max(240).default(10),
  /** Writes each frame in so many pieces, `pieceGapMs` apart. */
  pieces: z.int().min(1).max(64).default(1),
  pieceGapMs: z.int().min(0).default(2),
  /** Writes every row of each frame, not only the changed ones. */
  whole: z.boolean().default(false),
  /** Goes on writing frames while nothing moves; the real one is silent then. */
  always: z.boolean().default(false),
  /** Shows the frame's number beside the version, so that no two frames are alike. */
  stamp: z.boolean().default(false),
});

const SCRIPT = strict({
  screen: z.enum(['alternate', 'inline']).default('alternate'),
  mode: z.enum(['manual', 'accept-edits', 'auto']).default('manual'),
  /** Shown in the header; default: the working directory. */
  folder: z.string().optional(),
  /** Dialogs before the first prompt. */
  before: z.array(z.enum(['trust', 'api-key'])).default([]),
  /** An Enter that comes sooner than this after typed text becomes a newline, as other agents do. */
  swallowEnterMs: z.int().min(0).default(0),
  /** Sends the terminal probe that tmux 3.3a takes for a title. */
  probe: z.boolean().default(false),
  placeholder: z.string().default(''),
  /** How many entries the transcript keeps. */
  keep: z.int().min(1).default(200),
  frames: FRAMES.default(FRAMES.parse({})),
  turns: z.array(TURN).default([]),
  /** Begins again with the first turn after the last one. */
  loop: z.boolean().default(false),
  /** Seeds the chance values; default: another one for each process. */
  seed: z.int().optional(),
});

export type Script = z.infer<typeof SCRIPT>;
export type Turn = Script['turns'][number];
export type Step = Turn['steps'][number];
export type StepOf<Name extends Step['step']> = Extract<Step, { step: Name }>;
export type Mode = Script['mode'];
export type Ms = z.infer<typeof MS>;
export type AgentTodo = z.infer<typeof TODO>;
export type Question = z.infer<typeof QUESTION>;

/** `turns[0].steps[2].files: what is wrong`. */
const describeIssue = (issue: z.core.$ZodIssue): string => {
  const place = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  return `${place || 'script'}: ${issue.message}`;
};
