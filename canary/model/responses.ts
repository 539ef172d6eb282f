/** OpenAI Responses: what Codex speaks. */

import type { Call, Dialect, Encoder, Json } from './dialect.ts';
import { listOf, sse } from './dialect.ts';

export const responses: Dialect = {
  name: 'openai-responses',
  path: /\/responses$/,
  streams: (_, body) => body.stream !== false,
  tools: (body) =>
    listOf(body.tools)
      .filter(({ type }) => type === 'function' || type === 'custom')
      .map(({ name, parameters, type }) => ({
        name: String(name),
        schema: type === 'custom' ? null : ((parameters as Json | undefined) ?? {}),
      })),
  encoder: (id) => encoderOf(id),
  whole: (id, text) => ({
    ...response(id, 'completed'),
    output: [messageItem(`msg_${id}`, text)],
    usage: USAGE,
  }),
  failure: (status, message) => ({
    error: { message, type: status === 429 ? 'rate_limit_exceeded' : 'server_error', code: null },
  }),
};

const encoderOf = (id: string): Encoder => {
  const output: Json[] = [];
  let open: { kind: 'reasoning' | 'message'; id: string; text: string } | null = null;

  const event = (type: string, fields: object): string => sse({ type, ...fields }, type);
  const done = (item: Json): string => {
    output.push(item);
    return event('response.output_item.done', { output_index: output.length - 1, item });
  };
  const stop = (): string => {
    if (open === null) return '';
    const { kind, id: item, text } = open;
    open = null;
    return done(kind === 'message' ? messageItem(item, text) : reasoningItem(item, text));
  };
  const into = (kind: 'reasoning' | 'message', text: string): string => {
    let begun = '';
    let block = open;
    if (block?.kind !== kind) {
      begun = stop();
      const item = `${kind}_${id}_${output.length}`;
      block = { kind, id: item, text: '' };
      open = block;
      const empty = kind === 'message' ? messageItem(item) : reasoningItem(item);
      begun += event('response.output_item.added', { output_index: output.length, item: empty });
    }
    block.text += text;
    const place = { item_id: block.id, output_index: output.length, delta: text };
    return kind === 'message'
      ? `${begun}${event('response.output_text.delta', { ...place, content_index: 0 })}`
      : `${begun}${event('response.reasoning_summary_text.delta', { ...place, summary_index: 0 })}`;
  };

  return {
    open: () => event('response.created', { response: response(id, 'in_progress') }),
    think: (text) => into('reasoning', text),
    say: (text) => into('message', text),
    call: (call) => stop() + done(callItem(`call_${id}_${output.length}`, call)),
    close: () =>
      stop() +
      event('response.completed', {
        response: { ...response(id, 'completed'), output, usage: USAGE },
      }),
  };
};

const callItem = (id: string, { name, input }: Call): Json =>
  typeof input === 'string'
    ? { type: 'custom_tool_call', id, call_id: id, name, input, status: 'completed' }
    : {
        type: 'function_call',
        id,
        call_id: id,
        name,
        arguments: JSON.stringify(input),
        status: 'completed',
      };

const messageItem = (id: string, text?: string): Json => ({
  type: 'message',
  id,
  role: 'assistant',
  status: text === undefined ? 'in_progress' : 'completed',
  content: text === undefined ? [] : [{ type: 'output_text', text, annotations: [] }],
});

const reasoningItem = (id: string, text?: string): Json => ({
  type: 'reasoning',
  id,
  summary: text === undefined ? [] : [{ type: 'summary_text', text }],
  encrypted_content: null,
});

const response = (id: string, status: string): Json => ({
  id: `resp_${id}`,
  object: 'response',
  created_at: 1_700_000_000,
  status,
  model: 'scripted-model',
  output: [],
});

const USAGE = {
  input_tokens: 1200,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 40,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 1240,
};
