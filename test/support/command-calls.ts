/** What the end-to-end tests of commands ask of a running monitor. */

import type { Command } from '../../machines/vocabulary.ts';
import type { TestDaemon } from './daemon.ts';

export interface Accepted {
  id: string;
  session: string;
  status: string;
}

export type SendBody = Partial<
  Pick<Command, 'command' | 'source' | 'when'> & {
    expiresInSeconds: number;
    submit: boolean;
    raw: boolean;
  }
>;

export const call = (
  daemon: TestDaemon,
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(`${daemon.url}${path}`, {
    method,
    headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });

/** Fails where it is not accepted. */
export const send = async (
  daemon: TestDaemon,
  session: string,
  command: string,
  more: SendBody = {},
): Promise<Accepted> => {
  const path = `/api/agents/${session}/command`;
  const response = await call(daemon, 'POST', path, { command, ...more });
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Accepted;
};

export const commandOf = (daemon: TestDaemon, id: string): Promise<Command> =>
  daemon.get<Command>(`/api/commands/${id}`);

/** Waits for its end, a minute at most. */
export const ended = (daemon: TestDaemon, id: string): Promise<Command> =>
  daemon.get<Command>(`/api/commands/${id}?wait=60`);

/** All commands of a session, oldest first. */
export const commandsOf = async (daemon: TestDaemon, session: string): Promise<Command[]> => {
  const path = `/api/agents/${session}/commands?limit=200`;
  const found: Command[] = [];
  let next: string | null = '';
  while (next !== null) {
    const page: { commands: Command[]; next: string | null } = await daemon.get(
      next === '' ? path : `${path}&cursor=${next}`,
    );
    found.push(...page.commands);
    next = page.next;
  }
  return found.reverse();
};
