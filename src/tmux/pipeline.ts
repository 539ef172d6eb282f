/** Sends commands down one control client's stdin and pairs what comes back with them. */

import type { Clock } from '../../actors/ports.ts';
import { type ConnectionLost, failureOf, Refused } from './failures.ts';
import type { Message } from './parser.ts';
import { type Command, commandLine } from './quoting.ts';

export type Reply = Message & { type: 'reply' };

export interface Pipeline {
  /**
   * Sends the commands and answers what they printed. Calls that follow each other without a wait
   * go out in one write.
   * @throws {Refused} with the first error that tmux answered; the other commands still ran.
   * @throws {ConnectionLost}
   */
  run(commands: readonly Command[]): Promise<Buffer>;
  /**
   * Sends one command that runs others, as `if-shell` does, each of which tmux answers by itself.
   * Answers what the first of them printed that `isLast` knows to be the last.
   * @throws {Refused} with the first error; what would have followed was not run.
   * @throws {ConnectionLost}
   */
  runThrough(command: Command, isLast: (body: Buffer) => boolean): Promise<Buffer>;
  /** tmux answers in the order in which it was asked. */
  answer(reply: Reply): void;
  /** Fails everything that is open or still to come. */
  close(error: ConnectionLost): void;
}

export interface PipelineOptions {
  clock: Clock;
  write(lines: string): void;
  /** The connection is of no use any more: an answer is late, or was not asked for. */
  broken(detail: string): void;
}

/** A server that answers nothing for so long is as good as gone; one that has much to answer is not. */
const ANSWER_WITHIN_MS = 5000;
/** Where we ourselves slept, the answer is in the pipe and only wants to be read. */
const GRACE_MS = 100;

interface Sent {
  at: number;
  isLast(body: Buffer): boolean;
  resolve(body: Buffer): void;
  reject(error: Error): void;
}

export const createPipeline = ({ clock, write, broken }: PipelineOptions): Pipeline => {
  const sent: Sent[] = [];
  let lines = '';
  let deadline: unknown = null;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let closed: ConnectionLost | null = null;

  const send = (command: Command, isLast: Sent['isLast']): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const line = commandLine(command);
      if (closed !== null) {
        reject(closed);
        return;
      }
      if (lines === '') queueMicrotask(flush);
      lines += `${line}\n`;
      sent.push({ at: clock.monotonic(), isLast, resolve, reject });
      if (deadline === null) watchDeadline(null);
    });

  const flush = (): void => {
    const batch = lines;
    lines = '';
    if (closed === null) write(batch);
  };

  const watchDeadline = (suspect: Sent | null): void => {
    deadline = null;
    const oldest = sent[0];
    if (oldest === undefined || closed !== null) return;
    const leftMs = Math.max(oldest.at, answeredAt) + ANSWER_WITHIN_MS - clock.monotonic();
    if (leftMs > 0) deadline = clock.setTimeout(() => watchDeadline(null), leftMs);
    else if (oldest === suspect) broken(`no answer within ${ANSWER_WITHIN_MS} ms`);
    else deadline = clock.setTimeout(() => watchDeadline(oldest), GRACE_MS);
  };

  return {
    run: async (commands) =>
      joined(await Promise.all(commands.map((command) => send(command, () => true)))),
    runThrough: send,
    answer: (reply) => {
      answeredAt = clock.monotonic();
      const refusal = refusalOf(reply);
      if (refusal === null && sent[0]?.isLast(reply.body) === false) return;
      const request = sent.shift();
      if (request === undefined) broken('tmux answered what was not asked');
      else if (refusal === null) request.resolve(reply.body);
      else request.reject(refusal);
    },
    close: (error) => {
      closed = error;
      clock.clearTimeout(deadline);
      for (const { reject } of sent.splice(0)) reject(error);
    },
  };
};

/** Null where tmux did what it was told. */
export const refusalOf = (reply: Reply): Error | null => {
  if (reply.cut) return new Refused('the answer is too long');
  return reply.ok ? null : failureOf(reply.body.toString());
};

const joined = (bodies: Buffer[]): Buffer =>
  Buffer.concat(bodies.flatMap((body, index) => (index === 0 ? [body] : [NEWLINE, body])));

const NEWLINE = Buffer.from('\n');
