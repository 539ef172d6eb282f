/** Commands as callers ask for them, over the API of a monitor that runs. */

import type { Command, Dialog } from '../../machines/vocabulary.ts';
import type { TestDaemon } from './daemon.ts';

export interface Caller {
  /** Asks for a text to be typed, and answers the command as it was accepted. */
  send(session: string, command: string, more?: object): Promise<Command>;
  /** With the one option of this id, or as the body says. */
  answer(session: string, dialog: string, wanted: string | object): Promise<Command>;
  interrupt(session: string): Promise<Command>;
  get(id: string): Promise<Command>;
  /** Waits until it is final. */
  ended(command: Command): Promise<Command>;
  /** Waits until a dialog is open. */
  dialog(session: string): Promise<Dialog>;
}

export const callerOf = (daemon: TestDaemon): Caller => {
  const post = async (path: string, body?: object): Promise<Command> => {
    const response = await fetch(`${daemon.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Command;
    if (response.status !== 202) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const at = (session: string, what: string) =>
    `/api/agents/${encodeURIComponent(session)}/${what}`;
  const get = (id: string) => daemon.get<Command>(`/api/commands/${id}`);

  return {
    get,
    send: (session, command, more = {}) => post(at(session, 'command'), { command, ...more }),
    answer: (session, dialog, wanted) => {
      const body = typeof wanted === 'string' ? { choice: wanted } : wanted;
      return post(at(session, 'answer'), { dialog, ...body });
    },
    interrupt: (session) => post(at(session, 'interrupt'), {}),
    ended: async ({ id }) => {
      const command = await daemon.get<Command>(`/api/commands/${id}?wait=25`);
      if (command.finishedAt === null) throw new Error(`not final: ${JSON.stringify(command)}`);
      return command;
    },
    dialog: async (session) => {
      const { dialog } = await daemon.agent(session, (agent) => agent.dialog !== null);
      return dialog as Dialog;
    },
  };
};
