/** Where the API's callers ask for commands: who may be meant, what is written down, what is queued. */

import { CommandNotRetryable, PaneGone } from '../actors/errors.ts';
import type {
  AcceptedCommand,
  AgentRow,
  Asker,
  Clock,
  CommandDesk,
  CommandDraft,
  CommandInbox,
  InteractionLog,
  Person,
  ShownCommand,
  StoredCommand,
} from '../actors/ports.ts';
import type { Watched } from '../machines/discovery.ts';
import {
  type Command,
  type CommandAct,
  type Hold,
  isFinal,
  type PaneIdentity,
} from '../machines/vocabulary.ts';
import { answerTo } from './answers.ts';
import { toPublic } from './store/command-rows.ts';

/** An answer is meant for what a person sees now: the same words may be asked again for another thing. */
const ANSWER_WITHIN_MS = 60 * 1000;
/** An interrupt is meant for what runs now: typed later it would end another turn. */
const INTERRUPT_WITHIN_MS = 30 * 1000;

export const createCommandDesk = (options: {
  queue: CommandInbox;
  /** What is watched now, by key. */
  watched: ReadonlyMap<string, Watched>;
  /** The session's row, the gone ones included. @throws {SessionNotFound} */
  find(session: string): AgentRow;
  interactions: InteractionLog;
  /** Why a command that is queued is not typed yet. */
  heldBy(command: StoredCommand): Hold | null;
  clock: Clock;
}): CommandDesk => {
  const { queue, watched, find, interactions, heldBy, clock } = options;

  const shown = (id: string): ShownCommand => {
    const stored = queue.get(id);
    return { ...toPublic(stored), held: stored.status === 'queued' ? heldBy(stored) : null };
  };

  const addresseeOf = (session: string): Addressee => {
    const found = watchedAs(session);
    if (found !== null) return toAddressee(...found);
    find(session);
    throw new PaneGone(`the session "${session}"`);
  };

  const watchedAs = (session: string): [key: string, Watched] | null =>
    [...watched].find(([, { facts }]) => facts.session === session) ?? null;

  const log = (
    { id, session, key, command: text }: Command & Pick<StoredCommand, 'key'>,
    action: string,
    asker: Person,
    more = '',
  ): void => {
    const { caller } = asker;
    const detail = `${id} by ${caller}${more}`;
    const source = sourceOf(asker);
    interactions.log({ at: clock.now(), session, key, source, caller, action, detail, text });
  };

  const accept = async (
    addressee: Addressee,
    wanted: Pick<CommandDraft, 'command' | 'when' | 'act'> & { withinMs: number; retryOf?: string },
    asker: Asker,
    action: string,
  ): Promise<AcceptedCommand> => {
    const { withinMs, retryOf = null, ...asked } = wanted;
    const accepted = await queue.accept({
      ...addressee,
      ...asked,
      retryOf,
      source: sourceOf(asker),
      expiresAt: clock.now() + withinMs,
      idempotency: asker.idempotency,
    });
    const more = retryOf === null ? '' : `, again for ${retryOf}`;
    if (!accepted.replayed) log({ ...accepted.command, key: addressee.key }, action, asker, more);
    return accepted;
  };

  /** A repeated request is answered as before, whatever has become of what it asked for. */
  const unlessRepeated = async (
    { idempotency }: Asker,
    ask: () => Promise<AcceptedCommand>,
  ): Promise<AcceptedCommand> => (idempotency && (await queue.replay(idempotency))) ?? ask();

  return {
    send: (session, { command, when, submit, raw, expiresInSeconds }, asker) =>
      unlessRepeated(asker, () => {
        const act: CommandAct = { action: 'text', submit, raw };
        const withinMs = expiresInSeconds * 1000;
        return accept(addresseeOf(session), { command, when, act, withinMs }, asker, 'command');
      }),
    answer: (session, answer, asker) =>
      unlessRepeated(asker, () => {
        const addressee = addresseeOf(session);
        const asked = answerTo(session, find(session).dialog, answer);
        const wanted = { ...asked, when: 'now', withinMs: ANSWER_WITHIN_MS } as const;
        return accept(addressee, wanted, asker, 'answer');
      }),
    interrupt: (session, asker) =>
      unlessRepeated(asker, () => {
        const act: CommandAct = { action: 'interrupt' };
        const wanted = { command: '', when: 'now', act, withinMs: INTERRUPT_WITHIN_MS } as const;
        return accept(addresseeOf(session), wanted, asker, 'interrupt');
      }),
    retry: (id, asker) =>
      unlessRepeated(asker, () => {
        const earlier = queue.get(id);
        checkRetryable(earlier);
        const same = watched.get(earlier.key);
        const addressee = same ? toAddressee(earlier.key, same) : addresseeOf(earlier.session);
        const { command, when, act, createdAt, expiresAt } = earlier;
        const withinMs = expiresAt - createdAt;
        return accept(addressee, { command, when, act, withinMs, retryOf: id }, asker, 'retry');
      }),
    page: (session, query) => {
      const page = queue.page({ session, key: watchedAs(session)?.[0] ?? null }, query);
      // A session is forgotten an hour after its end, its commands are not.
      if (page.commands.length === 0) find(session);
      return { ...page, commands: page.commands.map(({ id }) => shown(id)) };
    },
    get: shown,
    ended: async (id, { withinMs, signal }) => {
      const now = queue.get(id);
      if (isFinal(now.status) || withinMs === 0 || signal.aborted) return shown(id);
      const { promise, resolve } = Promise.withResolvers<void>();
      const done = () => resolve();
      const stop = queue.onChange((changed) => {
        if (changed.id === id && isFinal(changed.status)) done();
      });
      const timer = clock.setTimeout(done, withinMs);
      signal.addEventListener('abort', done, { once: true });
      await promise;
      stop();
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', done);
      return shown(id);
    },
    cancel: (id, asker) => {
      queue.cancel(id);
      log(queue.get(id), 'cancel', asker);
      return shown(id);
    },
    resolve: (id, resolution, asker) => {
      queue.resolve(id, resolution);
      log(queue.get(id), 'resolve', asker);
      return shown(id);
    },
  };
};

/** The life of the session, and of its pane, that a command is meant for. */
interface Addressee {
  session: string;
  key: string;
  target: PaneIdentity;
}

const toAddressee = (
  key: string,
  { server, facts }: Pick<Watched, 'server' | 'facts'>,
): Addressee => {
  const { session, sessionId, pane: paneId, panePid } = facts;
  return { session, key, target: { server, sessionId, paneId, panePid } };
};

const sourceOf = ({ source, caller }: Person): string => source ?? caller;

const checkRetryable = ({ id, status }: StoredCommand): void => {
  if (isFinal(status) && status !== 'sent') return;
  throw new CommandNotRetryable(`command ${id} is ${status}: there is nothing to try again`);
};
