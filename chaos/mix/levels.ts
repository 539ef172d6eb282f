/** What the daemon holds at one moment, and what of it is too much. */

import { readdirSync } from 'node:fs';
import { childrenOf, descriptorsOf, parentOf } from './processes.ts';
import type { Scene } from './scene.ts';

export interface Levels {
  /** The tmux server's clients. */
  clients: { pid: number; parent: number }[];
  daemon: number;
  children: number;
  descriptors: number;
  /** tmux paste buffers. */
  buffers: string[];
  /** Files that it left where temporary files go. */
  temporary: string[];
}

export interface Limits {
  /** How many sessions it watches. */
  sessions: number;
  /** As it was when all was quiet and nothing had happened yet. */
  before: Levels;
  /** The most memory that any life took, in bytes. */
  peak: number;
}

/** The watcher, the shared one, and one that is just being replaced. */
const MORE_CLIENTS = 3;
/** Connections of callers, files that were opened later. */
const MORE_DESCRIPTORS = 10;
/** Pipes to a tmux client. */
const DESCRIPTORS_PER_CHILD = 3;
/** PM2 restarts it there. */
const MOST_MEMORY = 500 * 1024 * 1024;

export const readLevels = async ({ tmux, watched }: Scene): Promise<Levels> => {
  const daemon = watched.daemon.pid;
  const clients = await tmux.run('list-clients', '-F', '#{client_pid}');
  const buffers = await tmux.run('list-buffers', '-F', '#{buffer_name}');
  return {
    clients: linesOf(clients).map((pid) => ({ pid: Number(pid), parent: parentOf(Number(pid)) })),
    daemon,
    children: childrenOf(daemon).length,
    descriptors: descriptorsOf(daemon).length,
    buffers: linesOf(buffers),
    temporary: readdirSync(watched.temporary),
  };
};

export const leaksIn = (levels: Levels, { sessions, before, peak }: Limits): string[] => {
  const foreign = levels.clients.filter(({ parent }) => parent !== levels.daemon);
  const most = sessions + MORE_CLIENTS;
  const descriptors = own(levels);
  const allowed = own(before) + MORE_DESCRIPTORS;
  return [
    ...foreign.map(({ pid }) => `the tmux client ${pid} is not the daemon's and was left`),
    ...(levels.clients.length > most
      ? [`${levels.clients.length} tmux clients for ${sessions} sessions`]
      : []),
    ...(levels.children > most ? [`${levels.children} children for ${sessions} sessions`] : []),
    ...(descriptors > allowed
      ? [`${descriptors} descriptors besides its children's, before: ${own(before)}`]
      : []),
    ...levels.buffers.map((name) => `the paste buffer ${name} was left`),
    ...levels.temporary.map((name) => `the temporary file ${name} was left`),
    ...(peak > MOST_MEMORY ? [`the daemon took ${Math.round(peak / 1_048_576)} MB`] : []),
  ];
};

const own = ({ descriptors, children }: Levels): number =>
  descriptors - DESCRIPTORS_PER_CHILD * children;

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');
