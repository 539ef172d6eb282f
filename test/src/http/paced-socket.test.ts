import { EventEmitter } from 'node:events';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { serveSocket } from '../../../src/http/socket-client.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { createFakeMonitor } from './fake-monitor.ts';

/** The near end of a WebSocket whose far end reads nothing, not even what the kernel would take. */
class UnreadSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  closedWith: number | null = null;
  send(text: string) {
    this.bufferedAmount += Buffer.byteLength(text);
  }
  close(code: number) {
    this.readyState = 2;
    this.closedWith = code;
  }
  terminate() {
    this.readyState = 3;
    this.emit('close');
  }
}

it('a reader that stalls costs less than 2 MB, and is asked to come back', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const socket = new UnreadSocket();
  const monitor = createFakeMonitor();
  const dropped: string[] = [];
  const client = serveSocket({
    ...{ socket: socket as unknown as WebSocket, monitor, log: createRecordedLog(), from: null },
    ...{
      scope: 'full',
      batch: false,
      stallMs: 10_000,
      dropped: (reason: string) => dropped.push(reason),
    },
  });
  monitor.subscribe((events) => client.committed(events));
  const body = 'x'.repeat(4_000);
  for (let seq = 1; seq <= 20_000; seq += 1) monitor.commit({ body });
  expect(socket.bufferedAmount).toBeGreaterThan(200_000);
  expect(socket.bufferedAmount).toBeLessThan(2_000_000);
  vi.advanceTimersByTime(10_000);
  expect(socket.closedWith).toBe(1013);
  expect(dropped).toEqual(['stalled']);
  // It may still begin to read, and is told then; its close is not answered either.
  vi.advanceTimersByTime(9_999);
  for (let beats = 0; beats < 3; beats += 1) client.beat();
  expect(socket.readyState).toBe(2);
  vi.advanceTimersByTime(1);
  expect(socket.readyState).toBe(3);
  expect(dropped).toEqual(['stalled']);
});
