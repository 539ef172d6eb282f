/**
 * Puts our hooks into the settings of Claude Code and Codex, and takes them out again. Nothing else
 * in the file changes, and a copy of it is kept beside it.
 */

import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { BadSettings } from '../../actors/errors.ts';
import type { HookAgent } from './hook-agents.ts';
import { type Hook, readHooksText } from './settings-text.ts';

export interface Installation {
  /** False where the file was as it should be. */
  changed: boolean;
  settingsPath: string;
  /** The copy of the file as it was before; null where nothing changed or there was none. */
  backup: string | null;
}

export interface HooksStatus {
  /**
   * `outdated`: installed for another folder, by an earlier version, or not for every event. `disabled`: as it should
   * be, but the settings turn all hooks off.
   */
  installed: 'yes' | 'no' | 'outdated' | 'disabled';
  settingsPath: string;
  /** The events for which the hook is missing. */
  missing: string[];
}

interface Target {
  agent: HookAgent;
  settingsPath: string;
}

/** Where the agent keeps what its user has set. */
export const settingsPathOf = (
  agent: HookAgent,
  { home, env = {} }: { home: string; env?: { CLAUDE_CONFIG_DIR?: string; CODEX_HOME?: string } },
): string =>
  agent === 'claude-code'
    ? join(env.CLAUDE_CONFIG_DIR || join(home, '.claude'), 'settings.json')
    : join(env.CODEX_HOME || join(home, '.codex'), 'hooks.json');

/**
 * What the agent is to do: run a small program that posts to the unix socket in the data folder. Claude
 * Code (2.1.100 and later) could post to the port by itself and faster, but to whoever listens there.
 */
export const hookFor = (options: {
  agent: HookAgent;
  /** The API's unix socket. */
  socket: string;
  /** Node.js 24 or later. */
  node: string;
  /** The file `post.js` of this folder. */
  program: string;
}): Hook => {
  const { agent, socket, node, program } = options;
  const command = [node, program, socket, agent].map(quoted).join(' ');
  return { type: 'command', command, timeout: TIMEOUT_SECONDS };
};

/** Idempotent. @throws {BadSettings} for a file that cannot be read, understood or written. */
export const installHooks = ({ agent, settingsPath, hook }: Target & { hook: Hook }) =>
  change(settingsPath, (text) =>
    WHOLE.has(statusOf(agent, settingsPath, text, hook).installed)
      ? text
      : readHooksText(settingsPath, text).withHook(hook, EVENTS[agent]),
  );

/** Idempotent. @throws {BadSettings} as `installHooks`. */
export const uninstallHooks = ({ settingsPath }: Target) =>
  change(settingsPath, (text) => readHooksText(settingsPath, text).withoutHooks());

/** @throws {BadSettings} for a file that cannot be read or understood. */
export const hooksStatus = ({ agent, settingsPath, hook }: Target & { hook: Hook }): HooksStatus =>
  statusOf(agent, settingsPath, decoded(settingsPath, readIfThere(settingsPath)), hook);

/** The monitor answers at once; an agent should not wait long for one that does not. */
const TIMEOUT_SECONDS = 5;

const EVENTS: Record<HookAgent, readonly string[]> = {
  'claude-code': [
    'UserPromptSubmit',
    'PreToolUse',
    'PostToolUse',
    'PostToolUseFailure',
    'Notification',
    'Stop',
    'StopFailure',
    'SessionEnd',
  ],
  codex: ['UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'Stop'],
};

const WHOLE: ReadonlySet<HooksStatus['installed']> = new Set(['yes', 'disabled']);

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

const statusOf = (
  agent: HookAgent,
  settingsPath: string,
  text: string,
  hook: Hook,
): HooksStatus => {
  const wanted = JSON.stringify(hook);
  const settings = readHooksText(settingsPath, text);
  const installed = settings.installed();
  const isRight = (event: string) => {
    const ours = installed.get(event) ?? [];
    return ours.length === 1 && JSON.stringify(ours[0]) === wanted;
  };
  const missing = EVENTS[agent].filter((event) => !isRight(event));
  const right = settings.areDisabled() ? 'disabled' : 'yes';
  const isWhole = missing.length === 0 && installed.size === EVENTS[agent].length;
  return {
    installed: isWhole ? right : installed.size > 0 ? 'outdated' : 'no',
    settingsPath,
    missing,
  };
};

const change = (settingsPath: string, how: (text: string) => string): Installation => {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const before = readIfThere(settingsPath);
    const text = decoded(settingsPath, before);
    const changed = how(text);
    if (changed === text) return { changed: false, settingsPath, backup: null };
    try {
      if (isReadOnly(settingsPath)) throw new Error('it is read-only');
      const backup = before === null ? null : keepCopy(settingsPath, before);
      if (replaced(settingsPath, before, changed)) return { changed: true, settingsPath, backup };
    } catch (error) {
      const why = (error as Error).message;
      throw new BadSettings(`${settingsPath} cannot be changed: ${why}`, { cause: error });
    }
  }
  throw new BadSettings(`${settingsPath} is being changed by another program; try again`);
};

const MAX_ATTEMPTS = 5;

/** It could be replaced all the same; but somebody did not want it to be. */
const isReadOnly = (path: string): boolean =>
  ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0o200) & 0o222) === 0;

const readIfThere = (path: string): Buffer | null => {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new BadSettings(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
};

/** What is no UTF-8 would be lost when it is written again. */
const decoded = (path: string, bytes: Buffer | null): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes ?? undefined);
  } catch (error) {
    throw new BadSettings(`${path} is not valid UTF-8, and is left as it is`, { cause: error });
  }
};

/** Every state of the file that was changed is kept once. */
const keepCopy = (path: string, bytes: Buffer): string => {
  for (let number = 1; ; number += 1) {
    const copy =
      number === 1 ? `${path}.before-agent-monitor` : `${path}.before-agent-monitor.${number}`;
    const kept = readIfThere(copy);
    if (kept?.equals(bytes)) return copy;
    if (kept !== null) continue;
    writeFileSync(copy, bytes, { flag: 'wx', mode: statSync(path).mode & 0o777 });
    return copy;
  }
};

/**
 * In one step, so that an agent that starts meanwhile reads the old file or the new one.
 * @returns false where another program has changed the file since it was read.
 */
const replaced = (settingsPath: string, before: Buffer | null, text: string): boolean => {
  mkdirSync(dirname(settingsPath), { recursive: true, mode: 0o700 });
  const path = resolved(settingsPath);
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0o600;
  const fresh = `${path}.agent-monitor-new`;
  try {
    writeFileSync(fresh, text, { flush: true, mode: mode & 0o777 });
    chmodSync(fresh, mode & 0o777);
    const now = readIfThere(path);
    const isSame = now === null ? before === null : before?.equals(now) === true;
    if (isSame) renameSync(fresh, path);
    else rmSync(fresh);
    return isSame;
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
};

/** Of a settings file that is a link, as some keep them, the file itself is replaced. */
const resolved = (path: string): string => {
  if (statSync(path, { throwIfNoEntry: false })) return realpathSync(path);
  if (lstatSync(path, { throwIfNoEntry: false }))
    throw new Error('it is a link to a file that is not there');
  return path;
};
