/** One control-mode client, from its start to its end. */

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Clock } from '../../actors/ports.ts';
import { ConnectionLost, messageOf } from './failures.ts';
import { createParser, type Message } from './parser.ts';
import { createPipeline, type Pipeline, type Reply, refusalOf } from './pipeline.ts';
import type { Program } from './program.ts';
import type { Command } from './quoting.ts';

interface ClientListener {
  /** The pane wrote something; so many bytes, as tmux escaped it. */
  marked(pane: string, bytes: number): void;
  noticed(name: string, rest: string): void;
  /** Called once, when the client is gone, or never came. */
  ended(detail: string): void;
}

export interface ControlClient extends Pick<Pipeline, 'run' | 'runThrough'> {
  /** Settles when its command was carried out, or not. */
  readonly started: Promise<void>;
  /** Lets the client go; `ended` follows. */
  close(): void;
}

export interface ClientOptions {
  program: Program;
  /** What the client is for. */
  command: Command;
  clock: Clock;
  listener: ClientListener;
}

const START_WITHIN_MS = 5000;
/** From the closed stdin to the signal. */
const LEAVE_WITHIN_MS = 500;
/** The last words may still be in the pipe when the process has exited. */
const LAST_WORDS_MS = 200;
const KEPT_STDERR_CHARS = 1000;

export const createControlClient = (options: ClientOptions): ControlClient => {
  const { program, clock, listener } = options;
  const started = Promise.withResolvers<void>();
  // Who does not wait for the start learns of its failure through `ended`.
  const settled = started.promise.catch(() => {});
  const gone = Promise.withResolvers<void>();
  let child: ChildProcessWithoutNullStreams | null = null;
  let timer: unknown = null;
  let lastWords = '';
  let phase: 'open' | 'leaving' | 'gone' = 'open';

  const pipeline = createPipeline({
    clock,
    write: (lines) => void (child?.stdin.writable && child.stdin.write(lines)),
    broken: (detail) => giveUp(detail),
  });

  const enter = async (): Promise<void> => {
    const entered = await program.door.enter();
    void settled.then(entered);
    if (phase !== 'open') return end('not needed any more');
    try {
      child = program.control(options.command);
    } catch (error) {
      return end(messageOf(error));
    }
    timer = clock.setTimeout(() => giveUp('tmux does not let us in'), START_WITHIN_MS);
    listen(child);
  };

  const listen = (running: ChildProcessWithoutNullStreams): void => {
    const parse = createParser();
    running.stdout.on('data', (chunk: Buffer) => parse(chunk).forEach(receive));
    running.stderr.on('data', (chunk: Buffer) => {
      lastWords = (lastWords + chunk.toString()).slice(0, KEPT_STDERR_CHARS);
    });
    // A broken pipe is told by the exit that goes with it.
    running.stdin.on('error', () => {});
    running.on('error', (error) => end(error.message));
    const exited = (code: number | null, signal: string | null): void =>
      end(lastWords.trim() || `the tmux client ended with ${signal ?? `status ${code}`}`);
    running.on('close', exited);
    running.on('exit', (code, signal) => {
      clock.clearTimeout(timer);
      timer = clock.setTimeout(() => exited(code, signal), LAST_WORDS_MS);
    });
  };

  const receive = (message: Message): void => {
    if (message.type === 'output') listener.marked(message.pane, message.data.length);
    else if (message.type === 'reply' && message.fromStdin) pipeline.answer(message);
    else if (message.type === 'reply') begun(message);
    else if (message.type === 'notice') {
      if (message.name === 'exit') lastWords ||= message.rest;
      listener.noticed(message.name, message.rest);
    } else giveUp(`tmux and we are out of step at "${message.line.slice(0, 80)}"`);
  };

  /** The answer to the client's own command; the user's hooks may cause more such. */
  const begun = (reply: Reply): void => {
    if (phase === 'open') clock.clearTimeout(timer);
    const refusal = refusalOf(reply);
    if (refusal === null) started.resolve();
    else started.reject(refusal);
  };

  const giveUp = (detail: string): void => {
    lastWords ||= detail;
    void leave();
  };

  const leave = async (): Promise<void> => {
    if (phase !== 'open') return;
    phase = 'leaving';
    const left = await program.door.disturb();
    void gone.promise.then(left);
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.stdin.end();
    clock.clearTimeout(timer);
    timer = clock.setTimeout(() => child?.kill('SIGKILL'), LEAVE_WITHIN_MS);
  };

  const end = (detail: string): void => {
    if (phase === 'gone') return;
    phase = 'gone';
    clock.clearTimeout(timer);
    const lost = new ConnectionLost(detail);
    started.reject(lost);
    gone.resolve();
    pipeline.close(lost);
    listener.ended(detail);
  };

  void enter();
  return {
    started: started.promise,
    run: pipeline.run,
    runThrough: pipeline.runThrough,
    close: () => void leave(),
  };
};
