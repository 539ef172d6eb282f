/** Stands on a tmux socket as a server of another protocol version does: it only says that it is one. */

import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';

/** tmux 3.2 to 3.6 speak version 8. */
const OTHER_VERSION = 9;
const MSG_VERSION = 12;
const HEADER_BYTES = 16;

export const startOtherVersion = async (socket: string): Promise<AsyncDisposable> => {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    // Whoever leaves in the middle is no news.
    client.on('error', () => {});
    client.on('close', () => open.delete(client));
    client.once('data', () => client.write(versionMessage()));
  });
  server.listen(socket);
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const client of open) client.destroy();
      rmSync(socket, { force: true });
    },
  };
};

/** As OpenBSD's imsg has it: type, length, flags, the version in place of a peer, the process. */
const versionMessage = (): Buffer => {
  const message = Buffer.alloc(HEADER_BYTES);
  message.writeUInt32LE(MSG_VERSION, 0);
  message.writeUInt16LE(HEADER_BYTES, 4);
  message.writeUInt32LE(OTHER_VERSION, 8);
  message.writeUInt32LE(process.pid, 12);
  return message;
};
