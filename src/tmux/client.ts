/** One control-mode client: sends commands, pairs the answers, passes on what tmux notifies. */

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Clock } from '../../actors/ports.ts';
import { ConnectionLost, failureOf, Refused } from './failures.ts';
import { createParser, type Message } from './parser.ts';
import { type Command, commandLine } from './quoting.ts';

export interface ClientListener {
  /** The pane wrote something. */
  marked(pane: string): void;
  noticed(name: string, rest: string): void;
  /** Called once, when the process is gone. */
  ended(detail: string): void;
}

export interface ControlClient {
  /** Settles when the command on the client's argv was carried out, or not. */
  readonly started: Promise<void>;
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
  /** Lets the client go; `ended` follows. */
  close(): void;
}

export interface ClientOptions {
  child: ChildProcessWithoutNullStreams;
  clock: Clock;
  listener: ClientListener;
}

/** A server that leaves a command unanswered for so long is as good as gone. */
const ANSWER_WITHIN_MS = 5000;
/** Where we ourselves slept, the answer is in the pipe and only wants to be read. */
const GRACE_MS = 100;
/** From the closed stdin to the signal. */
const LEAVE_WITHIN_MS = 500;
/** The last words may still be in the pipe when the process has exited. */
const LAST_WORDS_MS = 200;
const KEPT_STDERR_CHARS = 1000;

interface Sent {
  at: number;
  isLast(body: Buffer): boolean;
  resolve(body: Buffer): void;
  reject(error: Error): void;
}

export const createControlClient = ({ child, clock, listener }: ClientOptions): ControlClient => {
  const parse = createParser();
  const sent: Sent[] = [];
  const started = Promise.withResolvers<void>();
  // Who does not wait for the start learns of its failure through `ended`.
  started.promise.catch(() => {});
  let lines = '';
  let deadline: unknown = null;
  let leaving: unknown = null;
  let lastWords = '';
  let over: ConnectionLost | null = null;

  const close = (): void => {
    if (leaving !== null || over !== null) return;
    child.stdin.end();
    leaving = clock.setTimeout(() => child.kill('SIGKILL'), LEAVE_WITHIN_MS);
  };

  const giveUp = (detail: string): void => {
    lastWords ||= detail;
    close();
  };

  const starting = clock.setTimeout(
    () => giveUp(`not started within ${ANSWER_WITHIN_MS} ms`),
    ANSWER_WITHIN_MS,
  );

  const end = (detail: string): void => {
    if (over !== null) return;
    over = new ConnectionLost(detail);
    clock.clearTimeout(starting);
    clock.clearTimeout(leaving);
    clock.clearTimeout(deadline);
    started.reject(over);
    for (const { reject } of sent.splice(0)) reject(over);
    listener.ended(detail);
  };

  const watchDeadline = (suspect: Sent | null = null): void => {
    const oldest = sent[0];
    if (deadline !== null || oldest === undefined) return;
    const left = oldest.at + ANSWER_WITHIN_MS - clock.monotonic();
    deadline = clock.setTimeout(
      () => {
        deadline = null;
        const late = left <= 0 && oldest === sent[0];
        if (late && oldest === suspect) giveUp(`no answer within ${ANSWER_WITHIN_MS} ms`);
        else watchDeadline(late ? oldest : null);
      },
      left > 0 ? left : GRACE_MS,
    );
  };

  const flush = (): void => {
    const batch = lines;
    lines = '';
    if (child.stdin.writable) child.stdin.write(batch);
  };

  const send = (command: Command, isLast: Sent['isLast']): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const line = commandLine(command);
      if (over !== null || leaving !== null) {
        reject(over ?? new ConnectionLost('the client is leaving'));
        return;
      }
      if (lines === '') queueMicrotask(flush);
      lines += `${line}\n`;
      sent.push({ at: clock.monotonic(), isLast, resolve, reject });
      watchDeadline();
    });

  const answer = (reply: Message & { type: 'reply' }): void => {
    const error = reply.cut ? new Refused('the answer is too long') : refusal(reply);
    if (!reply.fromStdin) {
      clock.clearTimeout(starting);
      // After the first, these come from hooks of the user that our commands set off.
      if (error === null) started.resolve();
      else started.reject(error);
      return;
    }
    if (error === null && sent[0]?.isLast(reply.body) === false) return;
    const request = sent.shift();
    if (request === undefined) giveUp('tmux answered what was not asked');
    else if (error === null) request.resolve(reply.body);
    else request.reject(error);
  };

  const receive = (message: Message): void => {
    if (message.type === 'output') listener.marked(message.pane);
    else if (message.type === 'reply') answer(message);
    else if (message.type === 'notice') {
      if (message.name === 'exit') lastWords ||= message.rest;
      listener.noticed(message.name, message.rest);
    } else giveUp(`tmux and we are out of step at "${message.line.slice(0, 80)}"`);
  };

  child.stdout.on('data', (chunk: Buffer) => parse(chunk).forEach(receive));
  child.stderr.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString()).slice(0, KEPT_STDERR_CHARS);
  });
  // A broken pipe is told by the exit that goes with it.
  child.stdin.on('error', () => {});
  child.on('error', (error) => end(error.message));
  const exited = (code: number | null, signal: string | null): void =>
    end(lastWords.trim() || exitOf(code, signal));
  child.on('close', exited);
  child.on('exit', (code, signal) => {
    clock.clearTimeout(leaving);
    leaving = clock.setTimeout(() => exited(code, signal), LAST_WORDS_MS);
  });

  return {
    started: started.promise,
    run: async (commands) =>
      joined(await Promise.all(commands.map((command) => send(command, () => true)))),
    runThrough: send,
    close,
  };
};

const refusal = (reply: Message & { type: 'reply' }): Error | null =>
  reply.ok ? null : failureOf(reply.body.toString());

const exitOf = (code: number | null, signal: string | null): string =>
  `the tmux client ended with ${signal ?? `status ${code}`}`;

const joined = (bodies: Buffer[]): Buffer =>
  bodies.length === 1
    ? (bodies[0] as Buffer)
    : Buffer.concat(bodies.flatMap((body, index) => (index === 0 ? [body] : [NEWLINE, body])));

const NEWLINE = Buffer.from('\n');
