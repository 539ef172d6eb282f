/** Finds the calls that have ended in the lines of a transcript, and counts each once. */

import { z } from 'zod';
import type { ToolCounts } from '../../machines/vocabulary.ts';
import { createBounded } from './bounded.ts';
import { type CountedTool, toolOf } from './tools.ts';

export interface TranscriptCalls {
  /** Lines that hold no calls, or cannot be understood, count nothing. */
  take(line: string): void;
  counts(): ToolCounts;
}

/** @param notBefore calls that ended earlier, in ms since the epoch, were another agent's. */
export const createTranscriptCalls = (notBefore: number): TranscriptCalls => {
  let counts: ToolCounts = {};
  /** Claude Code's calls that have not ended: their names by id. */
  const begun = createBounded<string>(MAX_BEGUN);
  /** A conversation that is resumed or cut short may be written anew, with the same ids. */
  const ended = createBounded<true>(MAX_ENDED);

  const end = (id: string, timestamp: string | undefined, tools: CountedTool[]) => {
    if (ended.get(id)) return;
    ended.set(id, true);
    if (timestamp !== undefined && Date.parse(timestamp) < notBefore) return;
    for (const tool of tools) counts = { ...counts, [tool]: (counts[tool] ?? 0) + 1 };
  };

  const takeClaude = ({ isSidechain, message, timestamp }: ClaudeLine) => {
    // What subagents do is told by their own hooks.
    if (isSidechain) return;
    for (const block of blocksOf(message.content)) {
      if (block.type === 'tool_use') begun.set(block.id, block.name);
      const name = block.type === 'tool_result' ? begun.get(block.tool_use_id) : undefined;
      if (block.type === 'tool_result' && name !== undefined)
        end(block.tool_use_id, timestamp, [toolOf(name, block.is_error === true)]);
    }
  };

  return {
    take: (line) => {
      if (!MARKS.some((mark) => line.includes(mark))) return;
      const parsed = parse(line);
      if (!parsed) return;
      if (!('payload' in parsed)) return takeClaude(parsed);
      const { timestamp, payload } = parsed;
      end(payload.item.id, timestamp, codexTools(payload.item));
    },
    counts: () => counts,
  };
};

const MAX_BEGUN = 1_000;
const MAX_ENDED = 100_000;

/** Most lines are long and of no interest: they need not be parsed. */
const MARKS = ['"tool_use"', '"tool_result"', '"item_completed"'];

const claudeBlock = z.discriminatedUnion('type', [
  z.object({ type: z.literal('tool_use'), id: z.string(), name: z.string() }),
  z.object({
    type: z.literal('tool_result'),
    tool_use_id: z.string(),
    is_error: z.boolean().nullish(),
  }),
]);
const claudeLine = z.object({
  isSidechain: z.boolean().optional(),
  timestamp: z.string().optional(),
  message: z.object({ content: z.array(z.unknown()) }),
});
type ClaudeLine = z.output<typeof claudeLine>;

/** As Codex 0.169 writes it. */
const codexItem = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('CommandExecution'),
    id: z.string(),
    parsed_cmd: z.array(z.object({ type: z.string() })).default([]),
  }),
  z.object({
    type: z.literal('FileChange'),
    id: z.string(),
    status: z.string().optional(),
    changes: z.record(z.string(), z.object({ type: z.string() })),
  }),
  z.object({ type: z.literal('McpToolCall'), id: z.string() }),
  z.object({ type: z.literal('WebSearch'), id: z.string() }),
]);
const codexLine = z.object({
  timestamp: z.string().optional(),
  payload: z.object({ type: z.literal('item_completed'), item: codexItem }),
});

const line = z.union([codexLine, claudeLine]);

/** Null for half a line, as of a file that was cut, and for what has another shape. */
const parse = (text: string): z.output<typeof line> | null => {
  try {
    return line.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};

const blocksOf = (content: unknown[]): z.output<typeof claudeBlock>[] =>
  content.flatMap((block) => claudeBlock.safeParse(block).data ?? []);

/** A command that reads three files stands for three. */
const codexTools = (item: z.output<typeof codexItem>): CountedTool[] => {
  switch (item.type) {
    case 'CommandExecution': {
      const kinds = item.parsed_cmd.map(({ type }) => type);
      if (kinds.length > 0 && kinds.every((kind) => kind === 'read'))
        return kinds.map(() => 'read');
      return [kinds.length > 0 && kinds.every((kind) => LOOKS.has(kind)) ? 'search' : 'bash'];
    }
    case 'FileChange':
      if (item.status !== undefined && item.status !== 'completed') return ['other'];
      return Object.values(item.changes).map(({ type }) => (type === 'add' ? 'write' : 'edit'));
    case 'WebSearch':
      return ['search'];
    case 'McpToolCall':
      return ['other'];
  }
};

const LOOKS = new Set(['read', 'search', 'list_files']);
