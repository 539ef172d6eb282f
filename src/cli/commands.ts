/** `send`, `answer` and `interrupt`: what is to be typed, and how it ended. */

import type { CommandStatus, When } from '../../machines/vocabulary.ts';
import type { Client } from '../client.ts';
import type { Tools } from './agents.ts';
import { Failure } from './failure.ts';
import { jsonText, printable } from './terminal.ts';

export interface SendOptions extends WaitOptions {
  when?: When;
  submit: boolean;
  expires?: number;
}

export interface WaitOptions {
  source: string;
  json?: boolean;
  wait?: boolean;
  /** Seconds to wait for the end. */
  timeout: number;
}

export const send = async (
  tools: Tools,
  session: string,
  command: string,
  { when, submit, expires, ...options }: SendOptions,
): Promise<void> => {
  const body = {
    ...{ command, source: options.source },
    ...(when === undefined ? {} : { when }),
    ...(submit ? {} : { submit }),
    ...(expires === undefined ? {} : { expiresInSeconds: expires }),
  };
  await queue(tools, tools.api.sendCommand(session, body), options);
};

/** Without the dialog's id it is the one that is open now. */
export const answer = async (
  tools: Tools,
  session: string,
  choices: readonly [string, ...string[]],
  { dialog: given, text, ...options }: AnswerOptions,
): Promise<void> => {
  const { dialog: open } = await tools.api.getAgent(session);
  const id = given ?? open?.id;
  if (id === undefined)
    throw new Failure(`"${session}" shows no dialog; \`agent-monitor list\` shows who wants what`);
  const [choice] = choices;
  const isTicked = open?.options.find((option) => option.id === choice)?.ticked !== undefined;
  const rest = { dialog: id, ...(text === undefined ? {} : { text }), source: options.source };
  const isOne = choices.length === 1 && !isTicked;
  const body = isOne ? { ...rest, choice } : { ...rest, choices: [...choices] };
  await queue(tools, tools.api.answerDialog(session, body), options);
};

interface AnswerOptions extends WaitOptions {
  dialog?: string;
  text?: string;
}

export const interrupt = async (
  tools: Tools,
  session: string,
  options: WaitOptions,
): Promise<void> => {
  const { source } = options;
  await queue(tools, tools.api.interrupt(session, { source }), options);
};

/** The longest that the API lets one request wait, in seconds. */
const WAIT_SECONDS = 60;

/** @throws {Failure} where it was waited for and not sent. */
const queue = async (
  { api, terminal, now }: Tools,
  accepted: ReturnType<Client['sendCommand']>,
  { wait, timeout, json }: WaitOptions,
): Promise<void> => {
  const { id } = await accepted;
  const until = now() + timeout * 1000;
  let command = await api.getCommand(id);
  while (wait && !isOver(command.status) && now() < until) {
    const left = Math.ceil((until - now()) / 1000);
    command = await api.getCommand(id, { wait: Math.min(WAIT_SECONDS, left) });
  }
  const { status, evidence, error } = command;
  const why = evidence === 'none' ? '' : ` (${evidence})`;
  await terminal.out(json ? `${jsonText(command)}\n` : `${status} ${printable(id)}${why}\n`);
  if (!wait || status === 'sent') return;
  if (!isOver(status)) throw new Failure(`still ${status} after ${timeout} s; it goes on waiting`);
  const reason = error === null ? '' : `: ${printable(error)}`;
  throw new Failure(`it was not sent but ${status}${reason}. ${AFTER_END[status] ?? ''}`.trim());
};

const isOver = (status: CommandStatus): boolean => status !== 'queued' && status !== 'sending';

/** What a person can do, by how it ended. */
const AFTER_END: Partial<Record<CommandStatus, string>> = {
  unknown: 'It may have been typed: look at the pane before sending it again',
  failed: 'It was surely not submitted: it can be sent again',
  expired: 'It was surely not typed: it can be sent again',
  cancelled: 'It was surely not typed: it can be sent again',
};
