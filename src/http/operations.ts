/** Every call of the API: what it takes and what it answers, by the schemas that check both. */

import { z } from 'zod';
import {
  acceptedBody,
  answerBody,
  commandBody,
  commandParams,
  commandsBody,
  commandsQuery,
  resolveBody,
  sendBody,
  sourceBody,
  waitQuery,
} from './command-schemas.ts';
import type { ProblemCode } from './errors.ts';
import { hookBody } from './hook-schemas.ts';
import { codeBody, enteredBody, invitedBody, leftBody, loginBody } from './login-schemas.ts';
import {
  agentDetailBody,
  agentsBody,
  agentsQuery,
  aliveBody,
  definitionBody,
  doneBody,
  eventsBody,
  eventsQuery,
  healthBody,
  interactionsBody,
  interactionsQuery,
  logBody,
  logQuery,
  lookBody,
  machineBody,
  machineParams,
  machinesBody,
  noBody,
  outputBody,
  outputQuery,
  sessionParams,
  statsBody,
  streamQuery,
  svgQuery,
} from './schemas.ts';
import { socketQuery } from './socket-messages.ts';

export interface Operation {
  method: 'get' | 'post' | 'delete';
  /** As the router has it. */
  path: string;
  /** A short name, unique among all. */
  id: string;
  summary: string;
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** What it answers where all goes well; a media type where that is not JSON. */
  answer: z.ZodType | string;
  status?: 202;
  /** What it may be refused with, beside what `refusalsOf` adds. */
  refuses?: readonly ProblemCode[];
  /** Open to callers who are not known. */
  isPublic?: true;
}

/** @param kinds - those that may be asked for. */
export const operations = (kinds: readonly string[]): Operation[] => [
  ...HEALTH,
  {
    ...{ method: 'get', path: '/api/agents', id: 'listAgents' },
    summary: 'All agents, and what each is doing',
    ...{ query: agentsQuery(kinds), answer: agentsBody },
  },
  ...AGENTS,
  ...COMMANDS,
  ...EVENTS,
  ...MACHINES,
  ...LOGIN,
  {
    ...{ method: 'post', path: '/api/hooks/claude-code', id: 'takeHook' },
    summary: "What an agent's own hook posts; the answer decides nothing for it",
    ...{ body: hookBody, answer: z.strictObject({}) },
    headers: z.object({
      'X-Agent-Monitor-Agent': z.string().optional(),
      'X-Agent-Monitor-Pane': z.string().optional(),
      'X-Agent-Monitor-Tmux': z.string().optional(),
    }),
  },
];

const get = (path: string, id: string, summary: string, rest: Rest): Operation => ({
  ...{ method: 'get', path, id, summary },
  ...rest,
});
const post = (path: string, id: string, summary: string, rest: Rest): Operation => ({
  ...{ method: 'post', path, id, summary },
  ...rest,
});
type Rest = Omit<Operation, 'method' | 'path' | 'id' | 'summary'>;

const HEALTH = [
  get('/health', 'getHealth', 'How the monitor and its parts are', {
    ...{ answer: healthBody, isPublic: true },
  }),
  get('/livez', 'isAlive', 'The process runs', { answer: aliveBody, isPublic: true }),
  get('/readyz', 'isReady', 'It can serve: 503 where nothing can be written', {
    ...{ answer: aliveBody, isPublic: true },
  }),
  get('/api/stats', 'getStats', 'Figures', { answer: statsBody }),
  get('/metrics', 'getMetrics', 'Figures for Prometheus', { answer: 'text/plain' }),
];

/** A call about a session by its name. */
const ofListed = { params: sessionParams, refuses: ['session_not_found'] } as const;
/** One that needs it to be there still. */
const ofLiving = { params: sessionParams, refuses: ['session_not_found', 'pane_gone'] } as const;
const AGENTS = [
  get('/api/agents/:session', 'getAgent', 'One agent, and why it is in its state', {
    ...{ ...ofListed, answer: agentDetailBody },
  }),
  get('/api/agents/:session/look', 'look', 'What one look taken now concludes', {
    ...{ ...ofLiving, answer: lookBody },
  }),
  get('/api/agents/:session/output', 'getOutput', 'What its terminal shows', {
    ...{ ...ofLiving, query: outputQuery, answer: outputBody },
  }),
  get('/api/agents/:session/log', 'getLog', 'Who did what with it', {
    ...{ ...ofListed, query: logQuery, answer: logBody },
  }),
  get('/api/interactions', 'listInteractions', 'Who did what, with every agent and with none', {
    ...{ query: interactionsQuery, answer: interactionsBody },
  }),
  get('/api/agents/:session/machine', 'getMachine', 'Where its state machine is', {
    ...{ ...ofListed, answer: machineBody },
  }),
  post('/api/agents/:session/kill', 'kill', 'Ends its tmux session', {
    ...{ ...ofLiving, body: noBody, answer: doneBody },
  }),
  post('/api/agents/:session/restart', 'restart', 'Begins watching it afresh', {
    ...{ ...ofLiving, body: noBody, answer: doneBody },
  }),
];

/** Whoever tries again says the same, and it is one command. */
const headers = z.object({ 'Idempotency-Key': z.string().optional() });
const queued = { headers, answer: acceptedBody, status: 202 } as const;
const QUEUES = [...ofLiving.refuses, 'idempotency_mismatch', 'queue_full'] as const;
const ofCommand = { params: commandParams, answer: commandBody } as const;
const COMMANDS: Operation[] = [
  post('/api/agents/:session/command', 'sendCommand', 'Types a text into it, at most once', {
    ...{ ...queued, params: sessionParams, body: sendBody, refuses: QUEUES },
  }),
  post('/api/agents/:session/answer', 'answerDialog', 'Chooses an option of the dialog it shows', {
    ...{ ...queued, params: sessionParams, body: answerBody },
    refuses: [...QUEUES, 'choice_unknown', 'dialog_stale', 'not_answerable'],
  }),
  post('/api/agents/:session/interrupt', 'interrupt', 'Presses Escape', {
    ...{ ...queued, params: sessionParams, body: sourceBody, refuses: QUEUES },
  }),
  get('/api/agents/:session/commands', 'listCommands', 'What was asked to be typed', {
    ...{ ...ofListed, query: commandsQuery, answer: commandsBody },
  }),
  get('/api/commands/:id', 'getCommand', 'One command; `wait` waits for its end', {
    ...{ ...ofCommand, query: waitQuery, refuses: ['command_not_found'] },
  }),
  {
    ...{ method: 'delete', path: '/api/commands/:id', id: 'cancelCommand' },
    summary: 'Takes a waiting command back',
    ...{ ...ofCommand, body: sourceBody, refuses: ['command_not_found', 'command_not_queued'] },
  },
  post('/api/commands/:id/retry', 'retryCommand', 'Asks for the same again', {
    ...{ ...queued, params: commandParams, body: sourceBody },
    refuses: [...QUEUES, 'command_not_found', 'command_not_retryable'],
  }),
  post('/api/commands/:id/resolve', 'resolveCommand', 'Records what became of an unknown one', {
    ...{ ...ofCommand, body: resolveBody, refuses: ['command_not_found', 'command_not_unknown'] },
  }),
];

const EVENTS = [
  get('/api/events', 'listEvents', 'What happened, by the page', {
    ...{ query: eventsQuery, answer: eventsBody },
  }),
  get('/api/events/stream', 'streamEvents', 'What happens, as server-sent events', {
    ...{ query: streamQuery, answer: 'text/event-stream' },
    headers: z.object({ 'Last-Event-ID': z.string().optional() }),
  }),
];

const MACHINES = [
  get('/api/machines', 'listMachines', 'The state machines', { answer: machinesBody }),
  get('/api/machines/:id', 'getDefinition', "A machine's definition", {
    ...{ params: machineParams, answer: definitionBody, refuses: ['machine_not_found'] },
  }),
  get('/api/machines/:id.svg', 'drawMachine', "A machine's drawing", {
    ...{ params: machineParams, query: svgQuery, answer: 'image/svg+xml' },
    refuses: ['machine_not_found', 'session_not_found'],
  }),
];

const LOGIN: Operation[] = [
  post('/api/login', 'logIn', 'Gives a browser a cookie for a code or a token', {
    ...{ body: loginBody, answer: enteredBody, isPublic: true },
    refuses: ['unauthorized', 'too_many_failures'],
  }),
  {
    ...{ method: 'delete', path: '/api/login', id: 'logOut' },
    summary: 'Makes the browser forget its cookie',
    ...{ body: noBody, answer: leftBody, isPublic: true },
  },
  post('/api/login/codes', 'makeLoginCode', 'A code that lets one browser in, once', {
    ...{ body: codeBody, answer: invitedBody },
  }),
];

/** Where only a WebSocket is served; the messages are other schemas. */
export const UPGRADES: Upgrade[] = [
  {
    ...{ path: '/ws', id: 'openFeed', query: socketQuery },
    summary:
      'The live feed, as a WebSocket: it says ServerMessage and hears ClientMessage; also at `/`',
  },
  {
    ...{ path: '/api/inspect', id: 'openInspector' },
    summary: 'The live actors, as a WebSocket: it says the messages of the Stately inspector',
  },
];

export interface Upgrade {
  path: string;
  id: string;
  summary: string;
  query?: z.ZodObject;
}

/** All that a call may be refused with. */
export const refusalsOf = ({
  method,
  body,
  isPublic,
  refuses = [],
}: Pick<Operation, 'method' | 'body' | 'isPublic' | 'refuses'>): ProblemCode[] => [
  ...UNHEARD,
  ...onlyIf(!isPublic || body !== undefined, 'invalid_field'),
  ...onlyIf(!isPublic, 'unauthorized', 'too_many_failures'),
  ...onlyIf(!isPublic && method !== 'get', 'read_only', 'csrf_needed'),
  ...onlyIf(body !== undefined, 'too_large', 'unsupported_media_type'),
  ...refuses,
];

/** Before anything is known of it. */
const UNHEARD: ProblemCode[] = [
  'bad_request',
  'foreign_origin',
  'request_timeout',
  'wrong_host',
  'headers_too_large',
];

const onlyIf = (holds: boolean, ...codes: ProblemCode[]): ProblemCode[] => (holds ? codes : []);
