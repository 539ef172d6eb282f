import { z } from 'zod';

/** A whole number as a query carries it. */
export const wholeNumber = (min: number, max: number) => {
  const words = { error: `must be a whole number from ${min} to ${max}` };
  return z
    .string(words)
    .regex(/^\d{1,16}$/, words)
    .transform(Number)
    .pipe(z.int(words).min(min, words).max(max, words));
};

export const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

/** Yes or no as a query carries it; no where it is left out. */
export const flag = oneOf(['0', '1', 'false', 'true'])
  .transform((value) => value === '1' || value === 'true')
  .default(false);

export const sessionName = z.string({ error: 'must be one name' }).min(1).max(1024);

/** Text of one line for people and programs to read, as a name. */
export const shortText = (maxLength: number) => {
  const words = { error: `must be 1 to ${maxLength} characters without control characters` };
  return z.string(words).regex(new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${maxLength}}$`, 'u'), words);
};

export const milliseconds = z.int().nonnegative();
export const count = z.int().nonnegative();
