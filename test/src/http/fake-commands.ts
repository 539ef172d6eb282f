import { createHash } from 'node:crypto';
import {
  CommandNotFound,
  CommandNotQueued,
  CommandNotRetryable,
  CommandNotUnknown,
  IdempotencyMismatch,
} from '../../../actors/errors.ts';
import type { AcceptedCommand, Asker, CommandDesk, ShownCommand } from '../../../actors/ports.ts';
import { type AgentDetail, type Command, isFinal } from '../../../machines/vocabulary.ts';
import { answerTo } from '../../../src/answers.ts';

/** Commands in memory: a queued one and an unknown one, and those that are asked for. */
export const createFakeCommands = (options: {
  find(session: string): AgentDetail;
  calls: string[];
}): CommandDesk => {
  const { find, calls } = options;
  const all = [
    command({ id: id(1) }),
    command({ id: id(2), status: 'unknown', error: 'interrupted', finishedAt: AT }),
  ];
  const keys = new Map<string, { command: Command; bodyHash: string }>();

  const get = (wanted: string): ShownCommand => {
    const found = all.find((one) => one.id === wanted);
    if (!found) throw new CommandNotFound(wanted);
    return found;
  };

  const change = (wanted: string, fields: Partial<Command>): ShownCommand =>
    Object.assign(get(wanted), fields);

  const add = async (asker: Asker, fields: Partial<Command>): Promise<AcceptedCommand> => {
    const { source, caller, idempotency } = asker;
    const known = idempotency && keys.get(idempotency.key);
    if (known && known.bodyHash !== idempotency.bodyHash) {
      throw new IdempotencyMismatch('the key was used before');
    }
    if (known) return { command: known.command, replayed: true };
    const added = command({ id: id(all.length + 1), source: source ?? caller, ...fields });
    all.push(added);
    if (idempotency) keys.set(idempotency.key, { ...idempotency, command: added });
    calls.push(`${JSON.stringify(fields)} for ${source} by ${caller}`);
    return { command: added, replayed: false };
  };

  return {
    send: async (session, { command, when }, asker) =>
      add(asker, { session: find(session).session, command, when }),
    answer: async (session, wanted, asker) => {
      const { command } = answerTo(session, find(session).dialog, wanted);
      return add(asker, { session, command, when: 'now' });
    },
    interrupt: async (session, asker) =>
      add(asker, { session: find(session).session, command: '', when: 'now' }),
    retry: async (wanted, asker) => {
      const { session, command, status } = get(wanted);
      if (!isFinal(status) || status === 'sent') throw new CommandNotRetryable(`it is ${status}`);
      return add(asker, { session, command, retryOf: wanted });
    },
    page: (session, { limit, cursor }) => {
      find(session);
      const newest = all.filter((one) => one.session === session).reverse();
      const start = cursor === undefined ? 0 : Number(cursor);
      const commands = newest.slice(start, start + limit);
      const next = newest.length > start + limit ? String(start + limit) : null;
      return { commands, next };
    },
    get,
    ended: async (wanted) => get(wanted),
    cancel: (wanted, { caller }) => {
      if (get(wanted).status !== 'queued') throw new CommandNotQueued(get(wanted).status);
      calls.push(`cancel ${wanted} by ${caller}`);
      return change(wanted, { status: 'cancelled', evidence: 'not-typed', finishedAt: AT });
    },
    resolve: (wanted, resolution, { caller }) => {
      if (get(wanted).status !== 'unknown') throw new CommandNotUnknown(get(wanted).status);
      calls.push(`resolve ${wanted} by ${caller}`);
      return change(wanted, { resolution });
    },
  };
};

const AT = 1_760_000_000_000;

/** The ids of the commands that are there from the beginning are those of the documentation. */
const id = (number: number): string => {
  const hash = createHash('sha256').update(String(number)).digest('hex');
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
};

const command = (fields: Partial<Command>): ShownCommand => ({
  id: '',
  held: null,
  session: 'shop-api',
  command: 'Continue with implementation',
  source: 'uid:1000',
  when: 'safe',
  status: 'queued',
  evidence: 'none',
  attempts: 0,
  createdAt: AT,
  startedAt: null,
  finishedAt: null,
  expiresAt: AT + 3_600_000,
  error: null,
  retryOf: null,
  resolution: null,
  ...fields,
});
