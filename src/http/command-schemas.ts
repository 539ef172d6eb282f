import { z } from 'zod';
import type { ShownCommand } from '../../actors/ports.ts';
import { COMMAND_EVIDENCES, COMMAND_STATUSES, HOLDS, WHENS } from '../../machines/vocabulary.ts';
import { faultOfText, isVisible, NOT_VISIBLE, normalizeText } from './command-text.ts';
import { count, milliseconds, oneOf, shortText, wholeNumber } from './fields.ts';

const WEEK_SECONDS = 604_800;
const DEFAULT_EXPIRY_SECONDS = 3600;

// What is asked.

export const commandParams = z.strictObject({ id: shortText(100) });

const source = shortText(200).exactOptional();
const flag = z.boolean({ error: 'must be true or false' });
const expiryWords = { error: `must be a whole number from 1 to ${WEEK_SECONDS}` };

export const sendBody = z
  .strictObject(
    {
      command: z.string({ error: 'must be a text' }),
      source,
      when: oneOf(WHENS).default('safe'),
      submit: flag.default(true),
      raw: flag.default(false),
      expiresInSeconds: z
        .int(expiryWords)
        .min(1, expiryWords)
        .max(WEEK_SECONDS, expiryWords)
        .default(DEFAULT_EXPIRY_SECONDS),
    },
    { error: 'must be an object such as {"command": "Continue"}' },
  )
  .transform((body) => ({ ...body, command: normalizeText(body.command, body.raw) }))
  .superRefine(({ command, raw }, context) => {
    const message = faultOfText(command, raw);
    if (message !== null) context.addIssue({ code: 'custom', path: ['command'], message });
  });

const MOST_CHOICES = 50;
/** Longer ones an agent may show as a paste, and then nobody sees whether it stands there whole. */
const LONGEST_ANSWER = 500;
const choicesWords = { error: `must be a list of at most ${MOST_CHOICES} options` };

/** One option, or all that are wanted of several. */
export const answerBody = z
  .strictObject(
    {
      dialog: shortText(200),
      choice: shortText(200).exactOptional(),
      choices: z
        .array(shortText(200), choicesWords)
        .max(MOST_CHOICES, choicesWords)
        .exactOptional(),
      text: shortText(LONGEST_ANSWER).refine(isVisible, { error: NOT_VISIBLE }).exactOptional(),
      source,
    },
    { error: 'must be an object such as {"dialog": "5f2c9a", "choice": "1"}' },
  )
  .refine(({ choice, choices }) => (choice === undefined) !== (choices === undefined), {
    path: ['choice'],
    error: 'must be there, or "choices" in its place',
  });

export const resolveBody = z.strictObject(
  { resolution: shortText(1000), source },
  { error: 'must be an object such as {"resolution": "it was typed"}' },
);

/** For calls that need to know nothing, but may be told who asks. */
export const sourceBody = z.strictObject({ source }, { error: 'must be an object' }).optional();

export const commandsQuery = z.strictObject({
  limit: wholeNumber(1, 200).default(50),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, { error: 'must be the `next` of another page' })
    .exactOptional(),
});

export const waitQuery = z.strictObject({ wait: wholeNumber(0, 60).default(0) });

// What is answered.

export const commandBody = z.strictObject({
  id: z.string(),
  session: z.string(),
  command: z.string(),
  source: z.string(),
  when: z.enum(WHENS),
  status: z.enum(COMMAND_STATUSES),
  evidence: z.enum(COMMAND_EVIDENCES),
  attempts: count,
  createdAt: milliseconds,
  startedAt: milliseconds.nullable(),
  finishedAt: milliseconds.nullable(),
  expiresAt: milliseconds,
  error: z.string().nullable(),
  retryOf: z.string().nullable(),
  resolution: z.string().nullable(),
  held: z.enum(HOLDS).nullable(),
}) satisfies z.ZodType<ShownCommand>;

export const commandsBody = z.strictObject({
  session: z.string(),
  commands: z.array(commandBody),
  count,
  next: z.string().nullable(),
});

export const acceptedBody = z.strictObject({
  success: z.literal(true),
  id: z.string(),
  jobId: z.string(),
  session: z.string(),
  command: z.string(),
  status: z.enum(COMMAND_STATUSES),
});
