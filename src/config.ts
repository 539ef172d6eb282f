import { isIPv6 } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { parse as parseToml, TomlError } from 'smol-toml';
import { z } from 'zod';
import { BadSettings } from '../actors/errors.ts';
import { AGENT_KINDS, type AgentKind } from '../machines/vocabulary.ts';
import { checkProfiles } from './analysis/custom-profiles.ts';
import type { ProfileTables } from './analysis/custom-schema.ts';
import { isLoopback, parseAuthority } from './http/hosts.ts';
import { cleanText, isSecretKey, LOG_LEVELS, type LogLevel } from './log.ts';
import { nearestName } from './nearest-name.ts';
import { socketPath } from './tmux/socket-path.ts';

/** Every setting, checked and frozen. `docs/configuration.md` says what each is for. */
export interface Config {
  /** Null: the local Redis where one answers, else a private one. */
  readonly redisUrl: string | null;
  /** What a private Redis asks everyone but the monitor for; null for nothing. */
  readonly redisPassword: string | null;
  /** Stands before every Redis channel, stream and queue name. */
  readonly redisPrefix: string;
  readonly apiHost: string;
  /** 0 takes any free port. */
  readonly apiPort: number;
  /** Host names, besides loopback's own, by which the API may be called. */
  readonly allowedHosts: readonly string[];
  /** Absolute. */
  readonly dataDir: string;
  /** Session names or globs; empty: every session in which a known agent runs. */
  readonly sessions: readonly string[];
  /** Kinds set by hand; the first glob that matches a session's name decides. */
  readonly agents: readonly { readonly session: string; readonly kind: AgentKind }[];
  /** Profiles of the user's own, by kind, as the file has them; checked. */
  readonly profiles: ProfileTables;
  /** Names of the files in an agent's folder whose checkboxes tell its progress; the first counts. */
  readonly specFiles: readonly string[];
  /** The tmux server's socket; the setting may also be a name as for `tmux -L`. Absolute. */
  readonly tmuxSocket: string;
  readonly stuckAfterSeconds: number;
  readonly stuckToolSeconds: number;
  /** How many sessions may have a tmux client of their own. */
  readonly connectionBudget: number;
  readonly logLevel: LogLevel;
}

/**
 * Reads all settings: session arguments over the environment over the TOML file over the defaults.
 * `argv` is what follows the program's name. Empty variables count as not set.
 * @throws {BadSettings} one message that names every bad one.
 */
export const readConfig = (input: {
  env?: NodeJS.ProcessEnv;
  argv: readonly string[];
  readFile(path: string): string;
}): Config => {
  const env = input.env ?? process.env;
  /** Said once, though two rules may be broken by one value. */
  const complaints = new Set<string>();
  const settings: Settings = {
    ...DEFAULTS,
    ...(env.NODE_ENV === 'development' ? { logLevel: 'debug' } : {}),
    ...readFileLayer(env.AGENT_MONITOR_CONFIG, input.readFile, complaints),
    ...readEnvironmentLayer(env, complaints),
    ...readArgumentLayer(input.argv, complaints),
  };
  if (!isLoopback(settings.apiHost) && settings.allowedHosts.length === 0) {
    complaints.add(
      `API_HOST=${show(settings.apiHost)} is open to other machines: it also needs ` +
        'AGENT_MONITOR_ALLOWED_HOSTS, the host names by which they will call it; and each will need a token',
    );
  }
  if (settings.redisUrl !== null && settings.redisPassword !== null) {
    complaints.add(
      'AGENT_MONITOR_REDIS_PASSWORD closes the Redis that is started where REDIS_URL is not set: ' +
        'leave one of them out; the password of another Redis stands in its URL',
    );
  }
  if (complaints.size > 0) {
    throw new BadSettings(['these settings are wrong:', ...complaints].join('\n  '));
  }
  const tmuxSocket = socketPath(settings.tmuxSocket, env, process.getuid?.() ?? 0);
  return freeze({ ...settings, tmuxSocket });
};

/** As set: the tmux socket may still be a name, or null for tmux's own default. */
type Settings = Omit<Config, 'tmuxSocket'> & { readonly tmuxSocket: string | null };

const DEFAULTS: Settings = {
  redisUrl: null,
  redisPassword: null,
  redisPrefix: '',
  apiHost: '127.0.0.1',
  apiPort: 3848,
  allowedHosts: [],
  dataDir: join(import.meta.dirname, '..', 'data'),
  sessions: [],
  agents: [],
  profiles: {},
  specFiles: ['TASKS.md', 'TODO.md', 'PLAN.md', 'tasks.md', 'todo.md', 'plan.md'],
  tmuxSocket: null,
  stuckAfterSeconds: 300,
  stuckToolSeconds: 900,
  connectionBudget: 200,
  logLevel: 'info',
};

type Name = keyof Settings;

/** The environment variable of each setting; its TOML key is its name in snake case. */
const VARIABLES: Record<Exclude<Name, 'agents' | 'profiles' | 'specFiles'>, string> = {
  redisUrl: 'REDIS_URL',
  redisPassword: 'AGENT_MONITOR_REDIS_PASSWORD',
  redisPrefix: 'AGENT_MONITOR_REDIS_PREFIX',
  apiHost: 'API_HOST',
  apiPort: 'API_PORT',
  allowedHosts: 'AGENT_MONITOR_ALLOWED_HOSTS',
  dataDir: 'AGENT_MONITOR_DATA_DIR',
  sessions: 'AGENT_MONITOR_SESSIONS',
  tmuxSocket: 'AGENT_MONITOR_TMUX_SOCKET',
  stuckAfterSeconds: 'AGENT_MONITOR_STUCK_AFTER_SECONDS',
  stuckToolSeconds: 'AGENT_MONITOR_STUCK_TOOL_SECONDS',
  connectionBudget: 'AGENT_MONITOR_CONNECTION_BUDGET',
  logLevel: 'AGENT_MONITOR_LOG_LEVEL',
};

/** What each setting may be, in the words of a complaint. */
const ALLOWED: Record<Name, string> = {
  redisUrl: 'a URL such as redis://127.0.0.1:6379 or rediss://user:password@host:6380/0',
  redisPassword: '16 to 128 letters, digits and -._~, which stand for themselves in a URL',
  redisPrefix: 'at most 64 letters, digits and :_.-',
  apiHost: 'an IP address or a host name',
  apiPort: 'a whole number from 0 to 65535',
  allowedHosts: 'host names or IP addresses without scheme, port or wildcard',
  dataDir: 'the path of a folder',
  sessions: 'tmux session names or globs of at most 256 characters',
  agents: `tables with a session (name or glob) and a kind (${AGENT_KINDS.join(', ')}, or one in profiles)`,
  profiles: 'tables, one for each kind of agent',
  specFiles: 'names of files without a path, at most 20',
  tmuxSocket: 'the name or the path of a tmux socket',
  stuckAfterSeconds: 'a whole number of seconds from 1 to 86400',
  stuckToolSeconds: 'a whole number of seconds from 1 to 86400',
  connectionBudget: 'a whole number from 0 to 10000',
  logLevel: `one of ${LOG_LEVELS.join(', ')}`,
};

const isRedisUrl = (text: string): boolean => /^rediss?:\/\/./.test(text) && URL.canParse(text);
const isHost = (text: string): boolean => isIPv6(text) || parseAuthority(text)?.port === null;

/** A path would lead through folders that may be links. */
const isFileName = (name: string): boolean => !name.includes('/') && name !== '.' && name !== '..';

const text = z.string().regex(/^[^\p{Cc}]{1,4096}$/u);
const glob = text.max(256);
const seconds = z.int().min(1).max(86_400);

const layerSchema = (kinds: readonly string[]) =>
  z
    .strictObject({
      redisUrl: text.refine(isRedisUrl),
      redisPassword: z.string().regex(/^[\w.~-]{16,128}$/),
      redisPrefix: z.string().regex(/^[\w:.-]{0,64}$/),
      apiHost: text.refine((host) => isHost(host) && !host.startsWith('[')),
      apiPort: z.int().min(0).max(65_535),
      allowedHosts: z.array(text.refine(isHost)),
      dataDir: text,
      sessions: z.array(glob),
      agents: z.array(z.strictObject({ session: glob, kind: z.enum(kinds) })),
      profiles: z.record(z.string(), z.unknown()),
      specFiles: z.array(text.max(255).refine(isFileName)).max(20),
      tmuxSocket: text,
      stuckAfterSeconds: seconds,
      stuckToolSeconds: seconds,
      connectionBudget: z.int().min(0).max(10_000),
      logLevel: z.enum(LOG_LEVELS),
    })
    .partial();

/** The kinds that can be set by hand: each one that has a profile, be that right or not. */
const kindsIn = (profiles: unknown): string[] => [
  ...AGENT_KINDS,
  ...(typeof profiles === 'object' && profiles !== null ? Object.keys(profiles) : []),
];

type Layer = Partial<Settings>;

const readArgumentLayer = (argv: readonly string[], complaints: Set<string>): Layer => {
  const end = argv.indexOf('--');
  const flagged = end < 0 ? argv : argv.slice(0, end);
  const sessions = [
    ...flagged.filter((word) => !word.startsWith('-')),
    ...argv.slice(flagged.length + 1),
  ];
  for (const flag of flagged.filter((word) => word.startsWith('-'))) {
    complaints.add(`${show(flag)} is not an option; arguments are session names or globs`);
  }
  if (sessions.length === 0) return {};
  return checkLayer({ sessions }, () => 'the arguments', complaints);
};

const readEnvironmentLayer = (env: NodeJS.ProcessEnv, complaints: Set<string>): Layer => {
  const entries = Object.entries(VARIABLES).flatMap(([name, variable]) => {
    const value = env[variable];
    return value === undefined || value === '' ? [] : [[name, fromText(name as Name, value)]];
  });
  for (const complaint of misspelt(env)) complaints.add(complaint);
  const nameOf = (name: Name) => VARIABLES[name as keyof typeof VARIABLES];
  return absolute(checkLayer(Object.fromEntries(entries), nameOf, complaints), '.');
};

/** A variable with our prefix that is none of ours is a mistake, and would silently do nothing. */
const misspelt = (env: NodeJS.ProcessEnv): string[] => {
  const known = ['AGENT_MONITOR_CONFIG', ...Object.values(VARIABLES)];
  const bare = (variable: string): string => variable.replace(PREFIX, '');
  return Object.entries(env)
    .filter(([variable, value]) => PREFIX.test(variable) && value && !known.includes(variable))
    .map(([variable]) => {
      const nearest = nearestName(bare(variable), known.map(bare));
      const meant = known.find((name) => bare(name) === nearest);
      const next = meant === undefined ? 'docs/configuration.md lists all' : `is it ${meant}?`;
      return `${cleanText(variable)} is not a setting; ${next}`;
    });
};

const PREFIX = /^AGENT_MONITOR_/;

/** A variable is always text: lists are split at commas, numbers are left as text where they are none. */
const fromText = (name: Name, value: string): unknown => {
  if (name === 'sessions' || name === 'allowedHosts') {
    return value.split(',').flatMap((item) => item.trim() || []);
  }
  return typeof DEFAULTS[name] === 'number' && /^\d+$/.test(value) ? Number(value) : value;
};

const readFileLayer = (
  path: string | undefined,
  readFile: (path: string) => string,
  complaints: Set<string>,
): Layer => {
  if (path === undefined || path === '') return {};
  const named = Object.fromEntries(
    Object.entries(readTable(path, readFile, complaints)).map(([key, value]) => [
      NAME_OF_KEY.get(key) ?? `${UNKNOWN}${key}`,
      value,
    ]),
  );
  const layer = checkLayer(named, (name) => `${keyOf(name)} in ${path}`, complaints);
  for (const { place, value, message } of checkProfiles(layer.profiles ?? {})) {
    const given = value === undefined ? ' is missing' : `=${show(value)}`;
    complaints.add(`${place} in ${path}${given}: ${message}`);
  }
  return absolute(layer, dirname(path));
};

const readTable = (
  path: string,
  readFile: (path: string) => string,
  complaints: Set<string>,
): Record<string, unknown> => {
  try {
    return parseToml(readFile(path));
  } catch (error) {
    // The file is the user's: whatever is wrong with it belongs into the one message.
    complaints.add(`AGENT_MONITOR_CONFIG=${show(path)}: ${cleanText(firstLine(error as Error))}`);
    return {};
  }
};

/** smol-toml shows the place in a drawing of several lines; two numbers fit better into a list. */
const firstLine = (error: Error): string => {
  const place = error instanceof TomlError ? ` (line ${error.line}, column ${error.column})` : '';
  return `${error.message.split('\n', 1)[0]}${place}`;
};

/** Marks a key of the file that is no setting, so that it cannot pass for another's name. */
const UNKNOWN = '?';

const keyOf = (name: string): string =>
  name.startsWith(UNKNOWN)
    ? name.slice(UNKNOWN.length)
    : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const NAME_OF_KEY = new Map(Object.keys(DEFAULTS).map((name) => [keyOf(name), name]));

/** The settings of one source; what is wrong in it is complained of and left out. */
const checkLayer = (
  values: Record<string, unknown>,
  nameOf: (name: Name) => string,
  complaints: Set<string>,
): Layer => {
  const issues = layerSchema(kindsIn(values.profiles)).safeParse(values).error?.issues ?? [];
  const wrong = new Set<PropertyKey>();
  for (const issue of issues) {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
    for (const key of unknown) {
      wrong.add(key);
      complaints.add(`${nameOf(key as Name)} is not a setting`);
    }
    const [name, ...inner] = issue.path as [Name | undefined, ...PropertyKey[]];
    if (name === undefined) continue;
    wrong.add(name);
    if (unknown.length > 0) continue;
    const value = issue.path.reduce<unknown>((at, key) => (at as never)?.[key as never], values);
    const place = `${nameOf(name)}${inner.length > 0 ? ` (${inner.join('.')})` : ''}`;
    const given = isSecretKey(name) ? '' : `=${show(value)}`;
    complaints.add(`${place}${given}: must be ${ALLOWED[name]}`);
  }
  return Object.fromEntries(Object.entries(values).filter(([name]) => !wrong.has(name)));
};

const show = (value: unknown): string => {
  const shown = cleanText(JSON.stringify(value) ?? 'nothing');
  return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown;
};

const MAX_SHOWN = 200;

/** Paths in a source are meant from where the source stands. */
const absolute = (layer: Layer, folder: string): Layer => ({
  ...layer,
  ...(layer.dataDir === undefined ? {} : { dataDir: resolve(folder, layer.dataDir) }),
  ...(layer.tmuxSocket?.includes('/') ? { tmuxSocket: resolve(folder, layer.tmuxSocket) } : {}),
});

const freeze = <T extends object>(value: T): T => {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner) freeze(inner);
  return Object.freeze(value);
};
