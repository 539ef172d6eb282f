/**
 * A program that accepts commands and carries them through all that can become of them, and prints
 * the id of each one that it was told is on disk. With a number as its second argument it kills
 * itself before the statement of SQL with that number, counted from when the queue is open; else it
 * goes on until it is killed.
 */

import { writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import { commandDraft, startCommands, type TestCommands } from './commands.ts';

const [folder = '', count] = process.argv.slice(2);

/** Makes the statement with this number, and so the whole program, not happen. */
const dieBefore = (number: number): void => {
  const probe = new Database(':memory:').prepare('SELECT 1');
  const prototype = Object.getPrototypeOf(probe);
  let calls = 0;
  for (const name of ['run', 'get', 'all'] as const) {
    const original = prototype[name];
    prototype[name] = function (this: unknown, ...args: unknown[]) {
      calls += 1;
      if (calls === number) process.kill(process.pid, 'SIGKILL');
      return original.apply(this, args);
    };
  }
};

const carryOn = async (queue: TestCommands): Promise<void> => {
  const accept = async () => {
    const { command } = await queue.accept(commandDraft());
    writeSync(1, `${command.id}\n`);
    return command.id;
  };
  const [sent = '', failed = '', unknown = '', expired = ''] = await Promise.all(
    Array.from({ length: 5 }, accept),
  );
  queue.begin(sent);
  queue.finish(sent, { status: 'sent', evidence: 'echo', error: null, attempts: 1 });
  queue.finish(failed, { status: 'failed', evidence: 'not-typed', error: 'x', attempts: 0 });
  queue.begin(unknown);
  queue.finish(unknown, { status: 'unknown', evidence: 'none', error: 'x', attempts: 1 });
  await queue.events();
  queue.resolve(unknown, 'it was typed');
  queue.cancel(expired);
  queue.expire(queue.clock.now() + 2 * 60 * 60 * 1000);
  await queue.events();
  queue.clock.advance(1000);
  const late = await accept();
  queue.begin(late);
};

const limits = { sessionDepth: 100_000, totalDepth: 100_000 };
const queue = startCommands({ folder, limits });
if (count !== undefined) dieBefore(Number(count));
queue.recover();
do await carryOn(queue);
while (count === undefined);
queue.close();
queue.store.close();
