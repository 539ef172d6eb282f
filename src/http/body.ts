import type { IncomingMessage } from 'node:http';
import { Refusal } from './errors.ts';

/**
 * The JSON body of a request, or undefined where it has none.
 * @throws {Refusal} for another content type, too many bytes, bad UTF-8 and bad JSON.
 */
export const readJson = async (request: IncomingMessage, maxBytes: number): Promise<unknown> => {
  const { headers } = request;
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) {
    return undefined;
  }
  const type = headers['content-type'] ?? '';
  if (!/^application\/json *(?:; *charset="?utf-8"? *)?$/i.test(type)) {
    throw new Refusal('The body must be application/json in UTF-8.', {
      code: 'unsupported_media_type',
    });
  }
  if (headers['content-encoding'] !== undefined) {
    throw new Refusal('The body must not be compressed.', { code: 'unsupported_media_type' });
  }
  return parseJson(await readBytes(request, maxBytes));
};

/**
 * Reads on past the limit for a while, keeping nothing: a client that is still writing when the
 * connection closes would never see the answer.
 */
const readBytes = async (request: IncomingMessage, maxBytes: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Leaving the loop must not destroy the request, which would take the answer's socket with it.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else if (size > maxBytes * PATIENCE) break;
    }
  } catch (error) {
    throw new Refusal('The body broke off.', { code: 'bad_request', cause: error });
  }
  if (size > maxBytes) {
    throw new Refusal(`The body may have ${maxBytes} bytes at most.`, { code: 'too_large' });
  }
  return Buffer.concat(chunks);
};

const PATIENCE = 16;

const parseJson = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new Refusal(`The body is not JSON: ${(error as Error).message}`, {
      code: 'bad_request',
      cause: error,
    });
  }
};
