import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Idempotency } from '../../actors/ports.ts';
import { Refusal } from './errors.ts';

/**
 * The request's `Idempotency-Key`, or null where it has none. The hash covers what is asked, as it
 * was understood, so that spaces and the order of fields make no difference.
 * @throws {Refusal}
 */
export const idempotencyOf = (
  { headersDistinct }: IncomingMessage,
  asked: unknown[],
): Idempotency | null => {
  const keys = headersDistinct['idempotency-key'];
  if (keys === undefined) return null;
  const [key = ''] = keys;
  if (keys.length > 1 || !/^[\x20-\x7e]{1,255}$/.test(key)) {
    const given = keys.length > 1 ? `${keys.length} headers` : shown(key);
    const message = `must be one text of 1 to 255 printable ASCII characters, such as a UUID, not ${given}`;
    const errors = [{ path: 'Idempotency-Key', message }];
    throw new Refusal(`Idempotency-Key ${message}`, { code: 'invalid_field', errors });
  }
  return { key, bodyHash: createHash('sha256').update(JSON.stringify(asked)).digest('hex') };
};

/** What may be long, or hold what is not to be printed. */
const shown = (key: string): string => {
  const start = JSON.stringify(key.slice(0, 40)).replace(/[^\x20-\x7e]/g, '?');
  return key.length > 40 ? `${start}… (${key.length} characters)` : start;
};
