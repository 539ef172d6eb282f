/** Anthropic Messages: what Claude Code speaks. */

import type { Dialect, Encoder, Json } from './dialect.ts';
import { listOf, sse } from './dialect.ts';

export const anthropic: Dialect = {
  name: 'anthropic-messages',
  path: /^\/v1\/messages$/,
  streams: (_, body) => body.stream === true,
  tools: (body) =>
    listOf(body.tools).map(({ name, input_schema }) => ({
      name: String(name),
      schema: (input_schema as Json | undefined) ?? null,
    })),
  encoder: (id) => encoderOf(id),
  whole: (id, text) => ({
    ...message(id),
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
  }),
  failure: (status, text) => ({
    type: 'error',
    error: { type: ERRORS[status] ?? 'api_error', message: text },
  }),
};

const encoderOf = (id: string): Encoder => {
  let index = -1;
  let isOpen: 'thinking' | 'text' | null = null;
  let calls = 0;

  const event = (type: string, fields: object): string => sse({ type, ...fields }, type);
  const delta = (fields: object): string => event('content_block_delta', { index, delta: fields });
  const stop = (): string => {
    const wasOpen = isOpen;
    isOpen = null;
    if (wasOpen === null) return '';
    const signature = delta({ type: 'signature_delta', signature: 'c2lnbmVk' });
    return (wasOpen === 'thinking' ? signature : '') + event('content_block_stop', { index });
  };
  const begin = (block: object): string => {
    const stopped = stop();
    index += 1;
    return stopped + event('content_block_start', { index, content_block: block });
  };
  const into = (kind: 'thinking' | 'text', empty: object): string => {
    if (isOpen === kind) return '';
    const begun = begin({ type: kind, ...empty });
    isOpen = kind;
    return begun;
  };

  return {
    open: () => event('message_start', { message: message(id) }),
    think: (thinking) =>
      into('thinking', { thinking: '', signature: '' }) +
      delta({ type: 'thinking_delta', thinking }),
    say: (text) => into('text', { text: '' }) + delta({ type: 'text_delta', text }),
    call: ({ name, input }) => {
      calls += 1;
      const begun = begin({ type: 'tool_use', id: `toolu_${id}_${calls}`, name, input: {} });
      const filled = delta({ type: 'input_json_delta', partial_json: JSON.stringify(input) });
      return begun + filled + event('content_block_stop', { index });
    },
    close: () =>
      stop() +
      event('message_delta', {
        delta: { stop_reason: calls > 0 ? 'tool_use' : 'end_turn', stop_sequence: null },
        usage: { output_tokens: 40 },
      }) +
      event('message_stop', {}),
  };
};

const message = (id: string): Json => ({
  id: `msg_${id}`,
  type: 'message',
  role: 'assistant',
  model: 'scripted-model',
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 1200, output_tokens: 1 },
});

const ERRORS: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};
