/** The monitor's API for programs: the calls of /openapi.json by their names, and its events. */

import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import type { EventName } from '../machines/vocabulary.ts';
import {
  ApiError,
  ask,
  listen,
  type Message,
  notOurs,
  type Place,
  type Sent,
} from './client-http.ts';
import type {
  acceptedBody,
  answerBody,
  commandBody,
  commandsBody,
  resolveBody,
  sendBody,
  sourceBody,
} from './http/command-schemas.ts';
import type { eventBody } from './http/event-schemas.ts';
import type { codeBody, invitedBody } from './http/login-schemas.ts';
import type {
  agentDetailBody,
  agentsBody,
  agentsQuery,
  definitionBody,
  doneBody,
  eventsBody,
  healthBody,
  interactionsBody,
  logBody,
  lookBody,
  machineBody,
  machinesBody,
  outputBody,
  statsBody,
} from './http/schemas.ts';

/** What a follower hears, in order. */
export type Heard =
  | { type: 'event'; event: z.output<typeof eventBody> }
  /** There is no going on from where it was: read the agents anew, events go on after `seq`. */
  | { type: 'reset'; epoch: string; seq: number }
  /** The stream ended, or broke off: it is tried again until it is `back`. */
  | { type: 'lost' }
  | { type: 'back' };

export interface Following {
  /** It begins with what happens next, unless it is said after which event. */
  after?: number | undefined;
  epoch?: string | undefined;
  session?: string | undefined;
  event?: EventName | undefined;
}

interface Page extends Following {
  limit?: number | undefined;
}

/** An answer, as its schema has it. */
type Answer<Schema extends z.ZodType> = Promise<z.output<Schema>>;

/** Every call throws an ApiError where nobody answers, or not the monitor, or it refuses. */
export interface Client {
  getHealth(): Answer<typeof healthBody>;
  getStats(): Answer<typeof statsBody>;
  listAgents(filter?: z.input<ReturnType<typeof agentsQuery>>): Answer<typeof agentsBody>;
  getAgent(session: string): Answer<typeof agentDetailBody>;
  look(session: string): Answer<typeof lookBody>;
  getOutput(session: string, how?: { lines?: number; ansi?: boolean }): Answer<typeof outputBody>;
  getLog(session: string, how?: { limit?: number }): Answer<typeof logBody>;
  /** @param page.before the `next` of the page before. */
  listInteractions(page?: { limit?: number; before?: number }): Answer<typeof interactionsBody>;
  getMachine(session: string): Answer<typeof machineBody>;
  kill(session: string): Answer<typeof doneBody>;
  restart(session: string): Answer<typeof doneBody>;
  /** @param key the same at each try: then it is one command, however often it is asked for. */
  sendCommand(
    session: string,
    body: z.input<typeof sendBody>,
    key?: string,
  ): Answer<typeof acceptedBody>;
  answerDialog(
    session: string,
    body: z.input<typeof answerBody>,
    key?: string,
  ): Answer<typeof acceptedBody>;
  interrupt(
    session: string,
    body?: z.input<typeof sourceBody>,
    key?: string,
  ): Answer<typeof acceptedBody>;
  listCommands(
    session: string,
    page?: { limit?: number; cursor?: string },
  ): Answer<typeof commandsBody>;
  /** @param how.wait seconds, at most 60, that it may take to end. */
  getCommand(id: string, how?: { wait?: number }): Answer<typeof commandBody>;
  cancelCommand(id: string): Answer<typeof commandBody>;
  retryCommand(
    id: string,
    body?: z.input<typeof sourceBody>,
    key?: string,
  ): Answer<typeof acceptedBody>;
  resolveCommand(id: string, body: z.input<typeof resolveBody>): Answer<typeof commandBody>;
  listEvents(page?: Page): Answer<typeof eventsBody>;
  makeLoginCode(body?: z.input<typeof codeBody>): Answer<typeof invitedBody>;
  listMachines(): Answer<typeof machinesBody>;
  getDefinition(id: string): Answer<typeof definitionBody>;
  /**
   * Events as they happen, each once and in order, for as long as it is read, also across a restart of
   * the monitor.
   * @throws {ApiError} where it cannot be begun, or is refused later.
   */
  follow(from?: Following, how?: { signal?: AbortSignal }): AsyncGenerator<Heard, void>;
}

export const createClient = (place: Place): Client => {
  const { call, get, post } = callsAt(place);
  return {
    getHealth: () => get('checks', '/health'),
    getStats: () => get('supervision', '/api/stats'),
    listAgents: (filter) => get('agents', '/api/agents', filter),
    getAgent: (session) => get('session', agent(session)),
    look: (session) => get('verdict', `${agent(session)}/look`),
    getOutput: (session, how) => get('output', `${agent(session)}/output`, how),
    getLog: (session, how) => get('log', `${agent(session)}/log`, how),
    listInteractions: (page) => get('log', '/api/interactions', page),
    getMachine: (session) => get('value', `${agent(session)}/machine`),
    kill: (session) => post('success', `${agent(session)}/kill`),
    restart: (session) => post('success', `${agent(session)}/restart`),
    sendCommand: (session, body, key) => post('id', `${agent(session)}/command`, body, key),
    answerDialog: (session, body, key) => post('id', `${agent(session)}/answer`, body, key),
    interrupt: (session, body, key) => post('id', `${agent(session)}/interrupt`, body, key),
    listCommands: (session, page) => get('commands', `${agent(session)}/commands`, page),
    getCommand: (id, how) => get('status', command(id), how),
    cancelCommand: (id) => call('status', 'DELETE', command(id)),
    retryCommand: (id, body, key) => post('id', `${command(id)}/retry`, body, key),
    resolveCommand: (id, body) => post('status', `${command(id)}/resolve`, body),
    listEvents: (page) => get('events', '/api/events', page),
    makeLoginCode: (body) => post('url', '/api/login/codes', body),
    listMachines: () => get('machines', '/api/machines'),
    getDefinition: (id) => get('id', `/api/machines/${encodeURIComponent(id)}`),
    follow: (from = {}, how = {}) => follow(place, from, how.signal),
  };
};

const callsAt = (place: Place) => {
  /** @param mark a field of the monitor's answer, by which it is known to be the monitor's. */
  const call = async <Body extends object>(
    mark: keyof Body & string,
    method: string,
    path: string,
    sent: Sent = {},
  ): Promise<Body> => {
    if (NAMELESS.test(path)) throw nameless(method, path);
    const body = await ask(place, method, path, sent);
    if (!(mark in body)) throw notOurs();
    return body as Body;
  };
  const get = <Body extends object>(mark: keyof Body & string, path: string, query: object = {}) =>
    call<Body>(mark, 'GET', withQuery(path, query));
  const post = <Body extends object>(
    mark: keyof Body & string,
    path: string,
    body?: object,
    key?: string,
  ) =>
    call<Body>(mark, 'POST', path, {
      body,
      headers: key === undefined ? {} : { 'Idempotency-Key': key },
    });

  return { call, get, post };
};

const agent = (session: string): string => `/api/agents/${encodeURIComponent(session)}`;
const command = (id: string): string => `/api/commands/${encodeURIComponent(id)}`;

/** With an empty name it would be the path of something else. */
const NAMELESS = /^[^?]*\/(?:[/?]|$)/;

const nameless = (method: string, path: string): ApiError =>
  new ApiError(
    'empty_name',
    `${method} ${path} is about nothing: the name, or the id, is ""; ` +
      'listAgents(), listCommands() and listMachines() tell what there is',
  );

const withQuery = (path: string, query: object): string => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const pairs = given.map(([name, value]): [string, string] => [name, String(value)]);
  const text = new URLSearchParams(pairs).toString();
  return text === '' ? path : `${path}?${text}`;
};

const RETRY_MS = 1000;

async function* follow(
  place: Place,
  from: Following,
  signal: AbortSignal | undefined,
): AsyncGenerator<Heard, void> {
  const path = withQuery('/api/events/stream', from);
  let lastId: string | null = null;
  let connection: 'first' | 'open' | 'lost' = 'first';
  for (;;) {
    const headers: Sent['headers'] = lastId === null ? {} : { 'Last-Event-ID': lastId };
    try {
      for await (const message of listen(place, path, { headers, signal })) {
        if (connection === 'lost') yield { type: 'back' };
        connection = 'open';
        if (message.id !== '') lastId = message.id;
        const heard = heardIn(message);
        if (heard !== null) yield heard;
      }
    } catch (error) {
      if (!(error instanceof ApiError) || error.isLasting || connection === 'first') throw error;
    }
    signal?.throwIfAborted();
    if (connection !== 'lost') yield { type: 'lost' };
    connection = 'lost';
    await delay(place.retryMs ?? RETRY_MS, undefined, signal === undefined ? {} : { signal });
  }
}

const heardIn = ({ event, data }: Message): Heard | null => {
  if (data === '') return null;
  return event === 'reset'
    ? { type: 'reset', ...JSON.parse(data) }
    : { type: 'event', event: JSON.parse(data) };
};
