/** Reads what a control-mode client writes: bytes in, messages out. */

export type Message =
  /** A pane wrote something. `data` is as tmux escaped it; see `unescapeOutput`. */
  | { type: 'output'; pane: string; data: Buffer }
  /**
   * The answer to one command. `fromStdin` is false for the command on the client's argv and for
   * commands that the user's hooks ran after ours. `cut`: longer than the limit, the rest is lost.
   */
  | { type: 'reply'; ok: boolean; fromStdin: boolean; body: Buffer; cut: boolean }
  /** Any other notification: its name without `%`, and what follows the name. */
  | { type: 'notice'; name: string; rest: string }
  /** An answer ended that never began: what follows cannot be trusted. */
  | { type: 'broken'; line: string };

export type Parser = (chunk: Buffer) => Message[];

/** Bytes kept of one line and of one answer; what exceeds them is dropped as it comes. */
export interface ParserLimits {
  lineBytes: number;
  replyBytes: number;
}

const LIMITS: ParserLimits = { lineBytes: 1 << 20, replyBytes: 16 << 20 };

/**
 * An answer ends only at a line that repeats the time, number and flags it began with, so captured
 * text that looks like protocol stays text. tmux never sends a notification inside an answer.
 */
export const createParser = (limits: ParserLimits = LIMITS): Parser => {
  const split = createLineSplitter(limits.lineBytes);
  let reply: OpenReply | null = null;

  const read = (line: Buffer, cut: boolean): Message | null => {
    if (reply !== null) {
      const end = endOf(reply, line);
      if (end === null) keep(reply, line, cut, limits.replyBytes);
      else reply = null;
      return end;
    }
    if (line[0] !== PERCENT) return null;
    const output = readOutput(line);
    if (output !== null) return output;
    const text = line.toString();
    reply = beginningOf(text);
    return reply === null ? readNotice(text) : null;
  };

  return (chunk) => {
    const messages: Message[] = [];
    split(chunk, (line, cut) => {
      const message = read(line, cut);
      if (message !== null) messages.push(message);
    });
    return messages;
  };
};

/**
 * The bytes that the pane wrote: tmux writes bytes below 0x20 and the backslash as `\ooo`. A
 * character may be split over two notifications, so decode UTF-8 per pane, never per message.
 */
export const unescapeOutput = (data: Buffer): Buffer => {
  const bytes = Buffer.allocUnsafe(data.length);
  let length = 0;
  for (let at = 0; at < data.length; at++) {
    const octal = data[at] === BACKSLASH ? data.toString('latin1', at + 1, at + 4) : '';
    if (/^[0-7]{3}$/.test(octal)) {
      bytes[length++] = Number.parseInt(octal, 8);
      at += 3;
    } else {
      bytes[length++] = data[at] as number;
    }
  }
  return bytes.subarray(0, length);
};

const NEWLINE = 0x0a;
const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

interface OpenReply {
  end: Buffer;
  error: Buffer;
  fromStdin: boolean;
  lines: Buffer[];
  bytes: number;
  cut: boolean;
}

/** Calls back with each whole line; of a longer one than `maxBytes` only the beginning is kept. */
const createLineSplitter = (maxBytes: number) => {
  let parts: Buffer[] = [];
  let kept = 0;
  let dropped = false;

  const hold = (part: Buffer): void => {
    const room = maxBytes - kept;
    if (part.length > room) dropped = true;
    const held = part.subarray(0, room);
    if (held.length > 0) parts.push(held);
    kept += held.length;
  };

  return (chunk: Buffer, online: (line: Buffer, cut: boolean) => void): void => {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      hold(chunk.subarray(start, end === -1 ? chunk.length : end));
      if (end === -1) return;
      const line = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
      const cut = dropped;
      parts = [];
      kept = 0;
      dropped = false;
      online(line, cut);
      start = end + 1;
    }
  };
};

const beginningOf = (line: string): OpenReply | null => {
  const match = /^%begin (\d+ \d+ (\d+))$/.exec(line);
  if (match === null) return null;
  return {
    end: Buffer.from(`%end ${match[1]}`),
    error: Buffer.from(`%error ${match[1]}`),
    fromStdin: match[2] !== '0',
    lines: [],
    bytes: 0,
    cut: false,
  };
};

const endOf = (reply: OpenReply, line: Buffer): Message | null => {
  const ok = line.equals(reply.end);
  if (!ok && !line.equals(reply.error)) return null;
  const body = Buffer.concat(reply.lines);
  return {
    type: 'reply',
    ok,
    fromStdin: reply.fromStdin,
    // Every line was kept with its newline; the last one is not part of the text.
    body: body.subarray(0, Math.max(0, body.length - 1)),
    cut: reply.cut,
  };
};

const keep = (reply: OpenReply, line: Buffer, cut: boolean, maxBytes: number): void => {
  if (cut || reply.bytes + line.length + 1 > maxBytes) reply.cut = true;
  if (reply.cut) return;
  reply.lines.push(line, NEWLINE_BYTES);
  reply.bytes += line.length + 1;
};

const NEWLINE_BYTES = Buffer.from('\n');
const OUTPUT = Buffer.from('%output ');
const EXTENDED_OUTPUT = Buffer.from('%extended-output ');

/** `%output %7 data`, or with the pause-after flag `%extended-output %7 12 : data`. */
const readOutput = (line: Buffer): Message | null => {
  const extended = startsWith(line, EXTENDED_OUTPUT);
  if (!extended && !startsWith(line, OUTPUT)) return null;
  const from = (extended ? EXTENDED_OUTPUT : OUTPUT).length;
  const to = line.indexOf(SPACE, from);
  if (to === -1) return null;
  const pane = line.toString('latin1', from, to);
  if (!extended) return { type: 'output', pane, data: line.subarray(to + 1) };
  const colon = line.indexOf(' : ', to);
  return colon === -1 ? null : { type: 'output', pane, data: line.subarray(colon + 3) };
};

const startsWith = (line: Buffer, prefix: Buffer): boolean =>
  line.length >= prefix.length && line.compare(prefix, 0, prefix.length, 0, prefix.length) === 0;

const readNotice = (line: string): Message => {
  const space = line.indexOf(' ');
  const name = line.slice(1, space === -1 ? line.length : space);
  if (name === 'end' || name === 'error') return { type: 'broken', line };
  return { type: 'notice', name, rest: space === -1 ? '' : line.slice(space + 1) };
};
