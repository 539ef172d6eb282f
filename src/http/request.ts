import type { IncomingMessage } from 'node:http';
import type { Router } from '@koa/router';
import type { z } from 'zod';
import type { Caller } from './admission.ts';
import { Refusal } from './errors.ts';
import { type Authority, parseAuthority } from './hosts.ts';

export interface ApiState {
  /** Null only on public paths. */
  caller: Caller | null;
}
export type ApiRouter = Router<ApiState>;

/** @throws {Refusal} naming every field that `schema` does not allow. */
export const checked = <Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap(describe).slice(0, MAX_ERRORS);
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new Refusal(detail, { code: 'invalid_field', errors });
};

/** As `checked`; a parameter without a value, as forms send them, counts as not given. */
export const checkedQuery = <Schema extends z.ZodType>(
  schema: Schema,
  query: Record<string, unknown>,
): z.output<Schema> =>
  checked(schema, Object.fromEntries(Object.entries(query).filter(([, value]) => value !== '')));

/** Who is to be named for what this request changes. */
export const callerOf = (state: ApiState): string => {
  if (state.caller === null) throw new Error('a private route was reached without a caller');
  return state.caller.name;
};

/** Under which host and port this server was asked. */
export const hostOf = ({ headers }: IncomingMessage): Authority => {
  const host = parseAuthority(headers.host ?? '');
  if (host === null) throw new Error('a request without a valid Host was let in');
  return host;
};

const MAX_ERRORS = 10;

const describe = (issue: z.core.$ZodIssue): { path: string; message: string }[] => {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key].join('.').slice(0, 100),
      message: 'is not known here',
    }));
  }
  return [{ path: issue.path.join('.') || 'body', message: issue.message }];
};
