import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, isIPv6, type Socket } from 'node:net';
import { join } from 'node:path';
import { BadSettings } from '../../actors/errors.ts';
import type { Log, Monitor, Part, Stop } from '../../actors/ports.ts';
import { AGENT_KINDS } from '../../machines/vocabulary.ts';
import type { Config } from '../config.ts';
import { type Caller, createAdmission, ownCaller } from './admission.ts';
import { createApp } from './app.ts';
import { createCookies } from './cookies.ts';
import { createFailureLimit } from './failures.ts';
import { createFeed } from './feed.ts';
import { createHostList, isLoopback } from './hosts.ts';
import { keepListening } from './keep-listening.ts';
import { createListener, type TakeUpgrade } from './listener.ts';
import { createLogins } from './logins.ts';
import { countRefused, countRefusedLogins, type HttpMeter, NO_METER } from './meter.ts';
import { createNotes } from './notes.ts';
import { createPeerCheck } from './peer.ts';
import { createDropCount, createPlaces } from './places.ts';
import { createSockets } from './sockets.ts';
import { noteTokens } from './token-notes.ts';
import type { Tokens } from './tokens.ts';
import { isSocketPath, listenOnSocket } from './unix-socket.ts';

const LIMITS = {
  maxHeaderBytes: 16_384,
  headersMs: 10_000,
  requestMs: 30_000,
  maxConnections: 256,
  maxTokenConnections: 192,
  maxStrangers: 128,
  strangerMs: 5_000,
  /** Those of whom it is being looked up whose they are. */
  maxUnknown: 1_024,
  /** How often the log says that connections are dropped. */
  dropsToldMs: 60_000,
  maxBodyBytes: 262_144,
  /** How often an event stream says that it is still there. */
  heartbeatMs: 15_000,
  /** How long a reader of an event stream may read nothing. */
  stallMs: 10_000,
  /** How long `close` waits for requests under way. */
  drainMs: 1_000,
};

export interface ApiServer {
  /**
   * Opens the port and, in the data folder, the unix socket `api.sock`.
   * @throws {BadSettings} where the address cannot be had.
   * @throws {AlreadyRunning} where another monitor answers on the socket.
   */
  listen(): Promise<{ host: string; port: number; socket: string | null }>;
  /** Takes no more requests, finishes those under way, and ends after `drainMs` in any case. */
  close(): Promise<void>;
}

/** The REST API, on a TCP port for everyone and on a unix socket for this user's own tools. */
export const createServer = (options: {
  monitor: Monitor;
  config: Pick<Config, 'apiHost' | 'apiPort' | 'allowedHosts' | 'dataDir'>;
  tokens: Tokens;
  log: Log;
  meter?: HttpMeter;
  /** How the TCP port and the unix socket are kept open. */
  parts: { port: Part; socket: Part };
  /** The kinds of agents that may be asked for; by default the built-in ones. */
  kinds?: readonly string[];
  limits?: Partial<typeof LIMITS>;
  takeUpgrade?: TakeUpgrade;
  /** Milliseconds since the epoch; the system's clock where it is left out. */
  now?: () => number;
  /** Reads one of the kernel's socket tables. */
  readTable?: (path: string) => Promise<string>;
}): ApiServer => {
  const { monitor, config, tokens, log, parts, now = Date.now } = options;
  const { meter = NO_METER, kinds = AGENT_KINDS } = options;
  const limits = { ...LIMITS, ...options.limits };
  const connections = new Set<Socket>();
  const stopping = new AbortController();
  const kept: Stop[] = [];

  const cookies = createCookies({ tokens, now });
  const failures = createFailureLimit({ now });
  const admission = createAdmission({
    hosts: createHostList(config.apiHost, config.allowedHosts),
    ...{ tokens, cookies, failures, now },
  });
  const notes = createNotes({ interactions: monitor.interactions, now });
  noteTokens({ tokens, interactions: monitor.interactions, notes });
  const logins = countRefusedLogins(
    createLogins({ tokens, cookies, failures, notes, now, log }),
    meter,
  );
  const drops = createDropCount({ meter, log, everyMs: limits.dropsToldMs });
  const places = createPlaces({
    ...{ admit: countRefused(admission.admit, meter), limits, meter, drops },
  });
  const { admit } = places;
  const feed = createFeed({ monitor, log, meter, ...limits });
  const sockets = createSockets({ monitor, log, meter, ...limits });
  const { takeUpgrade = sockets.takeUpgrade } = options;
  const { maxBodyBytes } = limits;
  const app = createApp({
    ...{ monitor, kinds, admit, feed, logins, notes, log, meter, maxBodyBytes },
    connections: places.counts,
    address: () => addressOf(config, (tcp.address() as AddressInfo).port),
    stopping: stopping.signal,
  });
  const answer = app.callback();

  const listener = (maxConnections: number, meet: (socket: Socket) => void): Server => {
    const met = (socket: Socket) => {
      meet(socket);
      connections.add(socket);
      socket.once('close', () => connections.delete(socket));
    };
    const bounds = { ...limits, maxConnections };
    const server = createListener({ answer, limits: bounds, met, admit, takeUpgrade, log });
    return server.on('drop', () => drops.drop('full'));
  };
  const { maxConnections, maxStrangers, maxUnknown } = limits;
  const identify = createIdentify(config.apiHost, log, options.readTable);
  const tcp = listener(maxConnections + maxStrangers + maxUnknown, (socket) => {
    const caller = identify(socket);
    admission.meet(socket, caller);
    places.meet(socket, caller);
  });
  const unix = listener(maxConnections, (socket) => {
    admission.meet(socket, Promise.resolve(ownCaller('socket')));
  });

  return {
    listen: async () => {
      await listenOnPort(tcp, config.apiHost, config.apiPort);
      const { port } = tcp.address() as AddressInfo;
      const socket = socketPath(config.dataDir, log);
      try {
        if (socket !== null) await listenOnSocket(unix, socket);
      } catch (error) {
        await closeAll([tcp]);
        throw error;
      }
      kept.push(
        keepListening(tcp, {
          listen: () => listenOnPort(tcp, config.apiHost, port),
          ...{ part: parts.port, log },
        }),
      );
      if (socket !== null) {
        const listen = () => listenOnSocket(unix, socket);
        kept.push(keepListening(unix, { listen, part: parts.socket, log }));
      }
      return { host: config.apiHost, port, socket };
    },
    close: async () => {
      stopping.abort();
      for (const stop of kept) stop();
      feed.close();
      sockets.close();
      const deadline = setTimeout(() => {
        for (const socket of connections) socket.destroy();
      }, limits.drainMs);
      await closeAll([tcp, unix]);
      clearTimeout(deadline);
    },
  };
};

/** Names a TCP caller by the user that opened the connection; only this one, and only on loopback. */
const createIdentify = (
  apiHost: string,
  log: Log,
  readTable: ((path: string) => Promise<string>) | undefined,
): ((socket: Socket) => Promise<Caller | null>) => {
  const trusted = process.platform === 'linux' && isLoopback(apiHost);
  const ownUid = trusted ? process.geteuid?.() : undefined;
  const isSameUser = createPeerCheck({ ownUid, log, readTable });
  return async (socket) => ((await isSameUser(socket)) ? ownCaller(`uid:${ownUid}`) : null);
};

/** By a name that this server answers to. */
const addressOf = (
  { apiHost, allowedHosts }: Pick<Config, 'apiHost' | 'allowedHosts'>,
  port: number,
): string => {
  const name = isLoopback(apiHost) ? apiHost : (allowedHosts[0] ?? 'localhost');
  if (name === '127.0.0.1') return `http://localhost:${port}`;
  return `http://${isIPv6(name) ? `[${name}]` : name}:${port}`;
};

const listenOnPort = async (server: Server, host: string, port: number): Promise<void> => {
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new BadSettings(explain(error as NodeJS.ErrnoException, host, port), { cause: error });
  }
};

const explain = (error: NodeJS.ErrnoException, host: string, port: number): string => {
  switch (error.code) {
    case 'EADDRINUSE':
      return `API_PORT ${port} on ${host} is taken by another program (perhaps another monitor): end that one or set API_PORT`;
    case 'EACCES':
      return `API_PORT ${port} is not open to this user: set API_PORT to one above 1023`;
    default:
      return `API_HOST ${host} with API_PORT ${port} cannot be listened on: ${error.message}`;
  }
};

/** Null where there can be none. */
const socketPath = (dataDir: string, log: Log): string | null => {
  const path = join(dataDir, 'api.sock');
  if (isSocketPath(path)) return path;
  log.warn({ path }, 'the data folder has too long a path for a unix socket: none is opened');
  return null;
};

const closeAll = async (servers: Server[]): Promise<void> => {
  await Promise.all(
    servers
      .filter((server) => server.listening)
      .map((server) => new Promise((resolve) => server.close(resolve))),
  );
};
