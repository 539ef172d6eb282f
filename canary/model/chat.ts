/** OpenAI chat completions: what opencode, Qwen Code and Copilot speak to a provider of one's own. */

import type { Dialect, Encoder, Json } from './dialect.ts';
import { listOf, sse } from './dialect.ts';

export const chat: Dialect = {
  name: 'openai-chat',
  path: /\/chat\/completions$/,
  streams: (_, body) => body.stream === true,
  tools: (body) =>
    listOf(body.tools).map((tool) => {
      const { name, parameters } = (tool.function ?? {}) as Json;
      return { name: String(name), schema: (parameters as Json | undefined) ?? null };
    }),
  encoder: (id) => encoderOf(id),
  whole: (id, content) => ({
    ...envelope(id, 'chat.completion'),
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: USAGE,
  }),
  failure: (status, message) => ({
    error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', code: status },
  }),
};

const encoderOf = (id: string): Encoder => {
  let calls = 0;
  const chunk = (delta: Json, finish: string | null = null): string =>
    sse({
      ...envelope(id, 'chat.completion.chunk'),
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
  return {
    open: () => chunk({ role: 'assistant', content: '' }),
    think: (text) => chunk({ reasoning_content: text }),
    say: (content) => chunk({ content }),
    call: ({ name, input }) => {
      calls += 1;
      const index = calls - 1;
      const call = { name, arguments: JSON.stringify(input) };
      return chunk({
        tool_calls: [{ index, id: `call_${id}_${calls}`, type: 'function', function: call }],
      });
    },
    close: () =>
      chunk({}, calls > 0 ? 'tool_calls' : 'stop') +
      sse({ ...envelope(id, 'chat.completion.chunk'), choices: [], usage: USAGE }) +
      'data: [DONE]\n\n',
  };
};

const envelope = (id: string, object: string): Json => ({
  id: `chatcmpl-${id}`,
  object,
  created: 1_700_000_000,
  model: 'scripted-model',
});

const USAGE = { prompt_tokens: 1200, completion_tokens: 40, total_tokens: 1240 };
