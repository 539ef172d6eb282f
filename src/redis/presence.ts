import { Redis } from 'ioredis';
import type { Stop } from '../../actors/ports.ts';

const RECONNECT_MS = 500;

/** Tells when the Redis on this port of this machine goes, and when one is there again. */
export const watchPresence = (options: {
  port: number;
  onGone: () => void;
  onBack: () => void;
}): Stop => {
  const { port, onGone, onBack } = options;
  const client = new Redis({
    port,
    host: '127.0.0.1',
    enableReadyCheck: false,
    retryStrategy: () => RECONNECT_MS,
  });
  let isThere = true;
  const change = (now: boolean, tell: () => void) => () => {
    if (isThere === now) return;
    isThere = now;
    tell();
  };
  client.on('error', () => undefined); // `close` follows, and says all that matters.
  client.on('ready', change(true, onBack)).on('close', change(false, onGone));
  return () => {
    client.removeAllListeners('ready').removeAllListeners('close');
    client.disconnect();
  };
};
