/** What we ask tmux: each request is its commands, and how to read what they print. */

import type { Listing, Look, Screen } from '../../actors/ports.ts';
import type { Pane, ServerIdentity } from '../../machines/vocabulary.ts';
import type { BesideText } from './pane-watch.ts';
import { type Command, commandLine } from './quoting.ts';
import { readRows } from './screen.ts';

export interface Request<T> {
  commands: readonly Command[];
  parse(output: string): T;
}

/** One look, and the server life that answered it. */
interface ServerLook {
  server: ServerIdentity;
  look: Omit<Look, 'at'>;
}

/** What is cheaply known of a pane, without its text. */
export interface PaneSign extends Omit<BesideText, 'command'> {
  sessionId: string;
  paneId: string;
  /** Seconds since the epoch of the last output in the pane's window. */
  activity: number;
  /** Null where it was not asked for. */
  command: string | null;
  /** Everything that may move when a pane changes, to be compared as a whole. */
  sign: string;
}

/** What a control client would be told of: two that are equal say that nothing happened between. */
export interface StillLife {
  scene: string;
  /** Seconds since the epoch of the last key in a person's client; 0 where nobody is attached. */
  typedAt: number;
}

export interface Requests {
  identity(): Request<ServerIdentity>;
  /** Where the client that asks is attached. */
  place(): Request<{ server: ServerIdentity; fragile: boolean }>;
  listing(): Request<Listing | null>;
  stillLife(): Request<StillLife>;
  /** `commands`: with what runs in each pane, for which tmux asks the system pane by pane. */
  signs(options: { commands: boolean }): Request<PaneSign[]>;
  /** The ids of the panes of one session. */
  panesOf(sessionId: string): Request<string[]>;
  look(paneId: string, options?: { ansi: boolean }): Request<ServerLook>;
  /** The text of a look. */
  text(paneId: string): Request<string>;
  capture(paneId: string, options: { lines: number; ansi: boolean }): Request<string>;
  /** The exact grid with its colours, and which life of the pane it is of. */
  screen(paneId: string): Request<{ server: ServerIdentity; panePid: number; screen: Screen }>;
}

/**
 * Names, titles and paths may hold anything, so the fields are split by `separator`: printable
 * (tmux escapes what is not), and such as nobody would write by chance.
 */
export const createRequests = (separator: string): Requests => {
  /** Numbers and ids can be parted by a colon; every text is fenced by the separator. */
  const format = (numbers: readonly string[], texts: readonly string[]): string =>
    [numbers.map(variable).join(':'), ...texts.map(variable), ''].join(separator);

  const rows = <T>(output: string, columns: number, parse: (row: string[]) => T): T[] => {
    const cells = output.split(separator);
    const found: T[] = [];
    for (let at = 0; at + columns < cells.length; at += columns) {
      const [numbers = '', ...texts] = cells.slice(at, at + columns);
      found.push(parse([...numbers.trimStart().split(':'), ...texts]));
    }
    return found;
  };

  return {
    identity: () => ({
      commands: [['display-message', '-p', format(SERVER, [])]],
      parse: (output) => identityOf(output.split(separator, 1)[0]?.split(':') ?? []),
    }),
    place: () => ({
      commands: [['display-message', '-p', format([...SERVER, FRAGILE], [])]],
      parse: (output) => {
        const row = output.split(separator, 1)[0]?.split(':') ?? [];
        return { server: identityOf(row), fragile: isFragile(row[SERVER.length]) };
      },
    }),
    listing: () => ({
      commands: [['list-panes', '-a', '-F', format([...SERVER, ...PANE], PANE_TEXTS)]],
      parse: (output) => {
        const found = rows(output, 1 + PANE_TEXTS.length, (row) => ({
          server: identityOf(row),
          pane: paneOf(row.slice(SERVER.length)),
        }));
        const server = found[0]?.server;
        return server === undefined ? null : { server, panes: found.map(({ pane }) => pane) };
      },
    }),
    stillLife: () => ({
      commands: [
        ['list-clients', '-F', format(CLIENT, [])],
        ['list-panes', '-a', '-F', SCENE.map(variable).join(':')],
      ],
      parse: (output) => {
        const clients = output.split(separator).map((row) => row.trimStart().split(':'));
        const panes = clients.pop();
        const typed = clients.filter(([, control]) => control === '0').map((row) => Number(row[2]));
        return {
          scene: [...clients.map(([pid]) => pid), panes?.join(':')].join('\n'),
          typedAt: Math.max(0, ...typed),
        };
      },
    }),
    signs: ({ commands }) => {
      const texts = commands ? LOOK_TEXTS : ['pane_title'];
      return {
        commands: [['list-panes', '-a', '-F', format(SIGN, texts)]],
        parse: (output) => rows(output, 1 + texts.length, signOf),
      };
    },
    panesOf: (sessionId) => ({
      commands: [['list-panes', '-s', '-t', sessionId, '-F', variable('pane_id')]],
      parse: (output) => output.split('\n'),
    }),
    look: (paneId, { ansi } = { ansi: false }) => ({
      commands: [
        ['display-message', '-p', '-t', paneId, format([...SERVER, ...LOOK], LOOK_TEXTS)],
        ['capture-pane', '-p', '-J', ...(ansi ? ['-e'] : []), '-t', paneId],
      ],
      parse: (output) => {
        const [numbers = '', title = '', command = '', ...rest] = output.split(separator);
        const row = numbers.split(':');
        const [width, height, panePid, dead, status, signal] = row.slice(SERVER.length);
        return {
          server: identityOf(row),
          look: {
            // The newline ends the line of the fields.
            text: rest.join(separator).slice(1),
            title,
            command,
            width: Number(width),
            height: Number(height),
            panePid: Number(panePid),
            ...deathOf(dead, status, signal),
          },
        };
      },
    }),
    text: (paneId) => ({
      commands: [['capture-pane', '-p', '-J', '-t', paneId]],
      parse: (output) => output,
    }),
    capture: (paneId, { lines, ansi }) => ({
      commands: [
        [
          ...(['capture-pane', '-p', '-t', paneId, '-S', String(-lines)] as const),
          ...(ansi ? ['-e'] : []),
        ],
      ],
      parse: (output) => lastLines(output, lines),
    }),
    screen: (paneId) => ({
      commands: [
        ['display-message', '-p', '-t', paneId, format([...SERVER, ...CURSOR], ['pane_title'])],
        ['capture-pane', '-p', '-e', '-N', '-t', paneId],
      ],
      parse: (output) => {
        const [numbers = '', title = '', ...rest] = output.split(separator);
        const row = numbers.split(':');
        const [width, height, panePid, x, y, visible] = row.slice(SERVER.length).map(Number);
        return {
          server: identityOf(row),
          panePid: Number(panePid),
          screen: {
            title,
            width: Number(width),
            height: Number(height),
            cursor: { x: Number(x), y: Number(y), visible: visible === 1 },
            rows: readRows(rest.join(separator).slice(1), Number(height)),
          },
        };
      },
    }),
  };
};

/** One step inside the server: another life of it has another session of that id. Prints where it is so. */
export const killSession = ({ pid, startTime }: ServerIdentity, sessionId: string): Command => [
  'if-shell',
  ...['-F', '-t', sessionId, `#{==:#{pid}/#{start_time},${pid}/${startTime}}`],
  commandLine(['kill-session', '-t', sessionId]),
  commandLine(['display-message', '-p', ANOTHER_SERVER]),
];

export const ANOTHER_SERVER = 'another server';

const FRAGILE = 'destroy-unattached';
const SERVER = ['pid', 'start_time'];
const PANE = [
  ...['session_id', 'window_id', 'pane_id', 'pane_pid', 'pane_width', 'pane_height'],
  ...['window_active', 'pane_active', 'pane_dead', 'pane_dead_status', 'pane_dead_signal'],
  FRAGILE,
];
const PANE_TEXTS = ['session_name', 'pane_title', 'pane_current_command', 'pane_current_path'];
const LOOK = [
  ...['pane_width', 'pane_height', 'pane_pid'],
  ...['pane_dead', 'pane_dead_status', 'pane_dead_signal'],
];
const CURSOR = [
  ...['pane_width', 'pane_height', 'pane_pid'],
  ...['cursor_x', 'cursor_y', 'cursor_flag'],
];
const LOOK_TEXTS = ['pane_title', 'pane_current_command'];
const CLIENT = ['client_pid', 'client_control_mode', 'client_activity'];
const SCENE = [
  ...['session_id', 'window_id', 'window_active', 'pane_id', 'pane_active', 'pane_in_mode'],
  'session_name',
];
const SIGN = [
  ...['session_id', 'pane_id', ...LOOK, 'window_activity'],
  ...['history_size', 'cursor_x', 'cursor_y', 'alternate_on'],
];

const variable = (name: string): string => `#{${name}}`;

const identityOf = ([pid, startTime]: string[]): ServerIdentity => ({
  pid: Number(pid),
  startTime: Number(startTime),
});

const paneOf = (row: string[]): Pane => {
  const [sessionId = '', windowId = '', paneId = '', pid, width, height, ...more] = row;
  const [windowActive, paneActive, dead, status, signal, destroyUnattached, ...texts] = more;
  const [session = '', title = '', command = '', cwd = ''] = texts;
  return {
    ...{ sessionId, session, windowId, paneId, command, title, cwd },
    pid: Number(pid),
    width: Number(width),
    height: Number(height),
    active: windowActive === '1' && paneActive === '1',
    ...deathOf(dead, status, signal),
    fragile: isFragile(destroyUnattached),
  };
};

/** 0 or 1 in tmux 3.3a; later a choice of off, on, keep-last and keep-group. */
const isFragile = (destroyUnattached = ''): boolean =>
  !['', '0', 'off'].includes(destroyUnattached);

/** A program that a signal ended has no status of its own: it gets the shells' 128 + signal. */
const deathOf = (dead = '', status = '', signal = ''): Pick<Pane, 'dead' | 'deadStatus'> => {
  if (dead !== '1') return { dead: false, deadStatus: null };
  const deadStatus = signal === '' ? status : 128 + Number(signal);
  return { dead: true, deadStatus: deadStatus === '' ? null : Number(deadStatus) };
};

const signOf = (row: string[]): PaneSign => {
  const [sessionId = '', paneId = '', width, height, panePid, dead, status, signal, ...rest] = row;
  const [activity, , , , , title = '', command = null] = rest;
  return {
    ...{ sessionId, paneId, title, command },
    width: Number(width),
    height: Number(height),
    panePid: Number(panePid),
    ...deathOf(dead, status, signal),
    activity: Number(activity),
    sign: [width, height, panePid, dead, ...rest.slice(1, 6)].join(':'),
  };
};

/** The screen's lower part is blank where the program has not written yet: that is not output. */
const lastLines = (output: string, count: number): string => {
  const lines = output.split('\n');
  const end = lines.findLastIndex((line) => /\S/.test(line.replace(SGR, ''))) + 1;
  return lines.slice(Math.max(0, end - count), end).join('\n');
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with ESC.
const SGR = /\x1b\[[0-9;:]*m/g;
