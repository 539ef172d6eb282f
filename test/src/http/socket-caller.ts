/** A client of the WebSocket that keeps what it was told, until it is told what is waited for. */

import { expect, vi } from 'vitest';
import { WebSocket } from 'ws';
import { serverMessage } from '../../../src/http/socket-messages.ts';
import { TOKEN } from './start.ts';

export type Message = Record<string, unknown> & { type: string };

export const connect = async (port: number, path = '/ws', token = TOKEN) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  opened.push(socket);
  const told: Message[] = [];
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.on('message', (data) => told.push(JSON.parse(String(data))));
  checked.push(told);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return {
    ...{ socket, told, closed },
    say: (message: unknown) => socket.send(JSON.stringify(message)),
    until: (isWanted: (message: Message) => boolean) =>
      vi.waitFor(() => {
        const found = told.find(isWanted);
        if (!found)
          throw new Error(`not among ${told.length} messages, the last ${told.at(-1)?.type}`);
        return found;
      }, 25_000),
    seqs: () => told.filter(({ type }) => type === 'event').map(({ seq }) => seq),
  };
};

const opened: WebSocket[] = [];
const checked: Message[][] = [];

/** After each test: all they were told is as it is described. */
export const endAndCheck = (): void => {
  for (const socket of opened.splice(0)) socket.terminate();
  // What these tests commit are no whole events. Of thousands of screens the first ones do.
  const told = checked.splice(0).flatMap((all) => all.filter((one) => one.type !== 'event'));
  for (const message of told.slice(0, 50)) {
    expect({ message, error: serverMessage.safeParse(message).error?.message }).toEqual({
      message,
    });
  }
};

export const isOf = (type: string) => (message: Message) => message.type === type;
