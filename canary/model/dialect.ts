/** What the ways of speaking to a model have in common. Each is one file beside this one. */

export type Json = Record<string, unknown>;

/** A tool that the agent offers to its model. */
export interface Tool {
  name: string;
  /** JSON schema of its arguments; null where it takes free text. */
  schema: Json | null;
}

/** A call of a tool: arguments, or the free text. */
export interface Call {
  name: string;
  input: Json | string;
}

/** One answer as the pieces of a stream; each function returns what is to be sent. */
export interface Encoder {
  open(): string;
  think(text: string): string;
  say(text: string): string;
  call(call: Call): string;
  close(): string;
}

export interface Dialect {
  name: string;
  /** The paths at which an agent asks for an answer. */
  path: RegExp;
  streams(path: string, body: Json): boolean;
  tools(body: Json): Tool[];
  encoder(id: string): Encoder;
  /** An answer of text alone, for requests that want no stream. */
  whole(id: string, text: string): Json;
  /** The body of a refusal. */
  failure(status: number, message: string): Json;
}

/** One server-sent event. */
export const sse = (data: unknown, event?: string): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;

export const listOf = (value: unknown): Json[] =>
  Array.isArray(value) ? value.filter((entry) => typeof entry === 'object' && entry !== null) : [];
