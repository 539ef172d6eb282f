/**
 * Puts our hooks into the settings of Claude Code and Codex, and takes them out again. Nothing else
 * in the file changes, and a copy of it is kept beside it.
 */

import {
  chmodSync,
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
import { type Hook, readHooksText } from './settings-text.ts';

export const HOOK_AGENTS = ['claude-code', 'codex'] as const;
export type HookAgent = (typeof HOOK_AGENTS)[number];

export interface Installation {
  /** False where the file was as it should be. */
  changed: boolean;
  settingsPath: string;
  /** The copy of the file as it was before; null where nothing changed or there was none. */
  backup: string | null;
}

export interface HooksStatus {
  /** `outdated`: installed for another port or folder, or not for every event. */
  installed: 'yes' | 'no' | 'outdated';
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
 * What the agent is to do. Claude Code (2.1.100 and later) posts by itself, with its pane's id in a
 * header; that needs no token on Linux, where the monitor sees which user calls. While no monitor
 * runs, it says so in its transcript at each hook (2.1.330). Elsewhere, and for Codex, a small program
 * posts to the unix socket in the data folder; it is silent, and takes some 50 ms each time.
 */
export const hookFor = (options: {
  agent: HookAgent;
  platform: NodeJS.Platform;
  /** The API's port on 127.0.0.1. */
  port: number;
  /** The API's unix socket. */
  socket: string;
  /** By the program, though the agent could post by itself. */
  silent?: boolean;
  /** Node.js 24 or later. */
  node: string;
  /** The file `post.ts` of this folder. */
  program: string;
}): Hook => {
  const { agent, platform, port, socket, silent = false, node, program } = options;
  if (agent === 'claude-code' && platform === 'linux' && !silent) {
    return {
      type: 'http',
      url: `http://127.0.0.1:${port}/api/hooks/claude-code`,
      headers: { 'X-Agent-Monitor-Pane': '$TMUX_PANE', 'X-Agent-Monitor-Tmux': '$TMUX' },
      allowedEnvVars: ['TMUX_PANE', 'TMUX'],
      timeout: TIMEOUT_SECONDS,
    };
  }
  const command = [node, program, socket].map(quoted).join(' ');
  return { type: 'command', command, timeout: TIMEOUT_SECONDS };
};

/** Idempotent. @throws {BadSettings} for a file that cannot be read, understood or written. */
export const installHooks = ({ agent, settingsPath, hook }: Target & { hook: Hook }) =>
  change(settingsPath, (text) =>
    statusOf(agent, settingsPath, text, hook).installed === 'yes'
      ? text
      : readHooksText(settingsPath, text).withHook(hook, EVENTS[agent]),
  );

/** Idempotent. @throws {BadSettings} as `installHooks`. */
export const uninstallHooks = ({ settingsPath }: Target) =>
  change(settingsPath, (text) => readHooksText(settingsPath, text).withoutHooks());

/** @throws {BadSettings} for a file that cannot be read or understood. */
export const hooksStatus = ({ agent, settingsPath, hook }: Target & { hook: Hook }): HooksStatus =>
  statusOf(agent, settingsPath, readIfThere(settingsPath) ?? '', hook);

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

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

const statusOf = (
  agent: HookAgent,
  settingsPath: string,
  text: string,
  hook: Hook,
): HooksStatus => {
  const wanted = JSON.stringify(hook);
  const installed = readHooksText(settingsPath, text).installed();
  const isRight = (event: string) => {
    const ours = installed.get(event) ?? [];
    return ours.length === 1 && JSON.stringify(ours[0]) === wanted;
  };
  const missing = EVENTS[agent].filter((event) => !isRight(event));
  const isWhole = missing.length === 0 && installed.size === EVENTS[agent].length;
  return {
    installed: isWhole ? 'yes' : installed.size > 0 ? 'outdated' : 'no',
    settingsPath,
    missing,
  };
};

const change = (settingsPath: string, how: (text: string) => string): Installation => {
  const text = readIfThere(settingsPath);
  const changed = how(text ?? '');
  if (changed === (text ?? '')) return { changed: false, settingsPath, backup: null };
  try {
    const backup = text === null ? null : keepCopy(settingsPath, text);
    replace(settingsPath, changed);
    return { changed: true, settingsPath, backup };
  } catch (error) {
    const why = (error as Error).message;
    throw new BadSettings(`${settingsPath} cannot be changed: ${why}`, { cause: error });
  }
};

const readIfThere = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new BadSettings(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
};

/** Every state of the file that was changed is kept once. */
const keepCopy = (path: string, text: string): string => {
  for (let number = 1; ; number += 1) {
    const copy =
      number === 1 ? `${path}.before-agent-monitor` : `${path}.before-agent-monitor.${number}`;
    const kept = readIfThere(copy);
    if (kept === text) return copy;
    if (kept !== null) continue;
    writeFileSync(copy, text, { flag: 'wx', mode: statSync(path).mode & 0o777 });
    return copy;
  }
};

/** In one step, so that an agent that starts meanwhile reads the old file or the new one. */
const replace = (settingsPath: string, text: string): void => {
  mkdirSync(dirname(settingsPath), { recursive: true, mode: 0o700 });
  const path = resolved(settingsPath);
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0o600;
  const fresh = `${path}.agent-monitor-new`;
  try {
    writeFileSync(fresh, text, { flush: true, mode: mode & 0o777 });
    chmodSync(fresh, mode & 0o777);
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
};

/** Of a settings file that is a link, as some keep them, the file itself is replaced. */
const resolved = (path: string): string =>
  statSync(path, { throwIfNoEntry: false }) ? realpathSync(path) : path;
