/** What is asked and answered where a browser is let in. */

import { z } from 'zod';
import { milliseconds, oneOf } from './fields.ts';
import { SCOPES } from './token.ts';

const scope = oneOf(SCOPES);

export const loginBody = z.strictObject({
  /** A code that works once, or a token. */
  secret: z.string({ error: 'must be a code or a token' }).min(1).max(200),
});

export const codeBody = z
  .strictObject({ scope: scope.exactOptional() }, { error: 'must be an object' })
  .optional();

/** `csrf` goes along, as `X-CSRF-Token`, with every change that the browser asks for. */
export const enteredBody = z.strictObject({
  scope,
  csrf: z.string(),
  expires: milliseconds,
});

/** The code stands in the link. */
export const invitedBody = z.strictObject({
  url: z.string(),
  scope,
  expires: milliseconds,
});

export const leftBody = z.strictObject({ success: z.literal(true) });
