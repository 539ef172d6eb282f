/** Gemini's generateContent: what Gemini CLI speaks. */

import type { Dialect, Encoder, Json } from './dialect.ts';
import { listOf, sse } from './dialect.ts';

export const gemini: Dialect = {
  name: 'gemini-generate-content',
  path: /:(?:streamGenerateContent|generateContent)$/,
  streams: (path) => path.endsWith(':streamGenerateContent'),
  tools: (body) =>
    listOf(body.tools)
      .flatMap((tool) => listOf(tool.functionDeclarations))
      .map(({ name, parametersJsonSchema, parameters }) => ({
        name: String(name),
        schema: ((parametersJsonSchema ?? parameters) as Json | undefined) ?? {},
      })),
  encoder: (id) => encoderOf(id),
  whole: (id, text) => answer(id, [{ text }], 'STOP'),
  failure: (status, message) => ({
    error: { code: status, message, status: status === 400 ? 'INVALID_ARGUMENT' : 'INTERNAL' },
  }),
};

const encoderOf = (id: string): Encoder => ({
  open: () => '',
  think: (text) => sse(answer(id, [{ text, thought: true }])),
  say: (text) => sse(answer(id, [{ text }])),
  call: ({ name, input }) => sse(answer(id, [{ functionCall: { name, args: input } }])),
  close: () => sse(answer(id, [{ text: '' }], 'STOP')),
});

const answer = (id: string, parts: Json[], finishReason?: string): Json => ({
  responseId: id,
  modelVersion: 'scripted-model',
  candidates: [
    {
      index: 0,
      content: { role: 'model', parts },
      ...(finishReason === undefined ? {} : { finishReason }),
    },
  ],
  usageMetadata: { promptTokenCount: 1200, candidatesTokenCount: 40, totalTokenCount: 1240 },
});
