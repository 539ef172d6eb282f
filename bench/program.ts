/** The benchmark's own programs: each is a process, so that none waits for another's event loop. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** What a program can be asked: each call has one argument and one answer, both as JSON carries them. */
export type Calls<C> = { [Name in keyof C]: (argument: never) => unknown };

export interface Program<C extends Calls<C>> extends AsyncDisposable {
  readonly pid: number;
  /** One call at a time. Rejects where the program ends instead of answering. */
  call<Name extends keyof C & string>(
    name: Name,
    ...argument: Parameters<C[Name]>
  ): Promise<Awaited<ReturnType<C[Name]>>>;
}

const END_WITHIN_MS = 3000;

/** Starts `bench/<file>` and waits until it serves. Its one argument is for `argument` to read. */
export const startProgram = async <C extends Calls<C>>(
  file: string,
  options: object = {},
): Promise<Program<C>> => {
  const url = new URL(file, import.meta.url);
  const child = fork(url, [JSON.stringify(options)]);
  const ended = once(child, 'exit').then(([status, signal]) => {
    throw new Error(`${file} ended with ${signal ?? `status ${status}`}`);
  });
  ended.catch(() => {}); // No news to anyone who asks nothing more.
  let answered = Promise.withResolvers<unknown>();
  child.on('message', ({ answer }: { answer: unknown }) => answered.resolve(answer));
  const program: Program<C> = {
    pid: child.pid ?? 0,
    call: async (name, ...[argument]) => {
      answered = Promise.withResolvers();
      child.send({ name, argument }, () => {}); // Where it cannot be sent, the program has ended.
      return (await Promise.race([answered.promise, ended])) as never;
    },
    [Symbol.asyncDispose]: () => end(child),
  };
  try {
    await Promise.race([answered.promise, ended]);
  } catch (error) {
    await end(child);
    throw error;
  }
  return program;
};

/** For the program itself: what `startProgram` was given. */
export const givenOptions = <Options>(): Options => JSON.parse(process.argv[2] ?? '{}');

/** For the program itself: answers calls until the benchmark has no more, or is gone. */
export const serve = <C extends Calls<C>>(calls: C): void => {
  process.on('message', async ({ name, argument }: { name: keyof C; argument: never }) => {
    process.send?.({ answer: await calls[name](argument) });
  });
  process.on('disconnect', () => process.exit());
  // A Ctrl-C in the terminal comes to everybody; it is the benchmark that ends its programs.
  process.on('SIGINT', () => {});
  process.send?.({ answer: 'ready' });
};

/** In ms, the same for all processes of this machine, and moved by no change of the wall clock. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  if (child.connected) child.disconnect();
  const late = delay(END_WITHIN_MS, 'late', { ref: false });
  if ((await Promise.race([exit, late])) === 'late') child.kill('SIGKILL');
  await exit;
};
