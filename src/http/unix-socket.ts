import { lstatSync, rmSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { AlreadyRunning } from '../../actors/errors.ts';

/** False where the path is longer than the kernel takes: 104 bytes on macOS, 108 on Linux. */
export const isSocketPath = (path: string): boolean => Buffer.byteLength(path) < 104;

/**
 * Listens on a unix socket with mode 0600. A socket file that a killed monitor left behind is
 * replaced; one behind which somebody answers is not.
 * @throws {AlreadyRunning}
 */
export const listenOnSocket = async (server: Server, path: string): Promise<void> => {
  try {
    await listenPrivately(server, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (!lstatSync(path).isSocket()) throw error;
    if (await isAnswered(path)) {
      throw new AlreadyRunning(`another monitor answers on ${path}`, { cause: error });
    }
    rmSync(path, { force: true });
    await listenPrivately(server, path);
  }
};

const listenPrivately = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    // The file is made, with its mode, before `listen` returns.
    const previous = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(previous);
    }
  });

const isAnswered = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // Only a refusal proves that nobody listens; a full backlog, say, does not.
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
