import type { Server } from 'node:http';
import type { Log, Part, Stop } from '../../actors/ports.ts';

/** Listens anew, after a while, whenever a server that listens stops doing so by itself. */
export const keepListening = (
  server: Server,
  { listen, part, log }: { listen(): Promise<void>; part: Part; log: Log },
): Stop => {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const down = (error: unknown): void => {
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(() => void again(), part.failed(error));
  };
  const up = (): void => {
    // Stopped while it was about to listen.
    if (stopped) server.close();
    else part.running();
  };
  const again = (): Promise<void> => listen().then(up, down);

  const failed = (error: Error): void => {
    // Such as too many open files: it passes, and must not take the monitor with it.
    if (server.listening) log.error({ err: error }, 'a connection was not accepted');
  };
  const closed = () => down(new Error('it no longer listens'));

  server.on('error', failed);
  server.on('close', closed);
  part.running();
  return () => {
    stopped = true;
    clearTimeout(timer);
    server.off('close', closed);
  };
};
