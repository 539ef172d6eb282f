/** A unix socket through which a test steps an agent and hears what it did. */

import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

export interface Control {
  /** Tells every client, those that come later too. */
  tell(entry: object): void;
  /** Calls back when everything told has gone out, or after a second. */
  close(done: () => void): void;
}

/** Listens at `path`; each line is handed to `obey`, and what that returns is the reply. */
export const openControl = (path: string, obey: (line: string) => object): Promise<Control> => {
  const told: object[] = [];
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    for (const entry of told) send(client, entry);
    // What fails on the socket is told by both of them, and neither may be without a listener.
    const end = (): unknown => client.destroy();
    createInterface({ input: client })
      .on('line', (line) => send(client, obey(line.trim())))
      .on('error', end);
    client.on('error', end).on('close', () => clients.delete(client));
  });
  const control = {
    tell: (entry: object) => {
      told.push(entry);
      if (told.length > REMEMBERED) told.shift();
      for (const client of clients) send(client, entry);
    },
    close: (done: () => void) => {
      server.close(done);
      for (const client of clients) client.end();
      setTimeout(done, LAST_WORDS_MS).unref();
    },
  };
  return listening(server, path).then(() => control);
};

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`--control ${path}: ${cause.message}`, { cause })),
    );
    server.listen(path, resolve);
  });

const send = (client: Socket, entry: object): void => {
  if (client.writable) client.write(`${JSON.stringify(entry)}\n`);
};

const LAST_WORDS_MS = 1000;

/** A client that comes late hears at most so many of the entries before. */
const REMEMBERED = 1000;
