/** Which agent, if any, runs in a pane. */

import type { ProcessInfo } from '../../actors/ports.ts';
import type { AgentKind } from '../../machines/vocabulary.ts';
import type { Identity, Profiles } from './profile.ts';

export interface SeenPane {
  /** The pane's process and what runs below it, nearest first. */
  processes: readonly ProcessInfo[];
  /** The foreground program as tmux names it. */
  command: string;
  title: string;
}

export interface FoundAgent {
  kind: AgentKind;
  /** Null where the agent runs out of sight: over ssh, or in a container. */
  pid: number | null;
}

/**
 * The agent in a pane, or null. Its process decides. The title is asked only where the program in
 * the foreground leads elsewhere: an agent that was killed leaves its title behind.
 */
export const kindOf = (
  { processes, command, title }: SeenPane,
  profiles: Profiles = {},
): FoundAgent | null => {
  const own = ownIdentities(profiles);
  for (const { pid, argv } of processes) {
    const kind = kindOfProcess(argv, own);
    if (kind) return { kind, pid };
  }
  if (processes.every(({ argv }) => argv.length === 0)) {
    const kind = kindOfName(command, [...own, ...BUILT_IN]);
    if (kind) return { kind, pid: null };
  }
  return TUNNELS.has(command) ? kindOfTitle(title, profiles) : null;
};

/** The agent that gives its terminal such a title, or null. */
export const kindOfTitle = (title: string, profiles: Profiles = {}): FoundAgent | null => {
  const isTitled = ({ titles }: Identity) => titles.some((pattern) => pattern.test(title));
  const found = [...ownIdentities(profiles), ...BUILT_IN].find(([, each]) => isTitled(each));
  return found ? { kind: found[0], pid: null } : null;
};

type Identities = readonly (readonly [AgentKind, Identity])[];

/** Of the profiles that users have written; they are asked before the built-in ones. */
const ownIdentities = (profiles: Profiles): Identities =>
  Object.values(profiles).flatMap(({ kind, foundBy }) =>
    foundBy ? [[kind, foundBy] as const] : [],
  );

const kindOfProcess = (argv: readonly string[], own: Identities): AgentKind | null => {
  const [program, ...rest] = argv;
  if (program === undefined) return null;
  const name = baseName(program);
  const isKnown = INTERPRETERS.has(name);
  if (!isKnown && !OTHER_INTERPRETERS.test(name)) return kindOfName(name, [...own, ...BUILT_IN]);
  const script = scriptOf(rest);
  if (script === null) return kindOfName(name, own);
  const candidates = isKnown ? [...own, ...BUILT_IN] : own;
  return (
    kindOfName(name, own) ??
    kindOfPackage(script, candidates) ??
    kindOfName(baseName(script), candidates)
  );
};

const kindOfName = (name: string, identities: Identities): AgentKind | null =>
  identities.find(([, { programs }]) => programs.includes(name))?.[0] ?? null;

/** The package that a path lies in. */
const kindOfPackage = (path: string, identities: Identities): AgentKind | null =>
  identities.find(([, { packages }]) =>
    packages.some((directory) => path.includes(`/${directory}/`)),
  )?.[0] ?? null;

/** The first argument that is neither an option nor an option's value. */
const scriptOf = (args: readonly string[]): string | null => {
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] as string;
    if (VALUE_OPTIONS.has(arg)) at += 1;
    else if (/^-(?:e|p|-eval|-print)$/.test(arg)) return null;
    else if (arg !== 'run' && !arg.startsWith('-')) return arg;
  }
  return null;
};

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(/^-/, '');

const INTERPRETERS = new Set(['node', 'nodejs', 'bun', 'deno']);
/** What runs users' own agents may be written for too; no built-in agent is. */
const OTHER_INTERPRETERS = /^(?:python|pypy|ruby|perl|lua|bash|dash|fish|ksh|sh|zsh)[\d.]*$/;
const VALUE_OPTIONS = new Set(['-r', '--require', '--import', '--loader', '-C', '--conditions']);

/** Programs behind which another machine's or container's screen is shown. */
const TUNNELS = new Set(
  'docker et kubectl limactl lxc mosh mosh-client nerdctl podman ssh wsl'.split(' '),
);

/** The first title that fits decides: Qwen's may look like Claude Code's. */
const BUILT_IN: Identities = [
  [
    'qwen-code',
    {
      programs: ['qwen'],
      packages: ['@qwen-code/qwen-code'],
      titles: [/^(?:[◐✳]\ufe0e? )?Qwen\b/u],
    },
  ],
  [
    'claude-code',
    {
      programs: ['claude', 'claude.exe'],
      packages: ['@anthropic-ai/claude-code'],
      titles: [/^[◐◑✳⠂⠐] \S/u],
    },
  ],
  [
    'gemini-cli',
    {
      programs: ['gemini'],
      packages: ['@google/gemini-cli'],
      titles: [/^[◇✦✋]\s+(?:Ready|Working|Action Required)/u],
    },
  ],
  [
    'codex',
    { programs: ['codex'], packages: ['@openai/codex'], titles: [/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] .* \| /u] },
  ],
  [
    'opencode',
    {
      programs: ['opencode', '.opencode'],
      packages: ['opencode-ai'],
      titles: [/^OC \| |^OpenCode$/u],
    },
  ],
  [
    'copilot',
    { programs: ['copilot'], packages: ['@github/copilot'], titles: [/GitHub Copilot$/u] },
  ],
];
