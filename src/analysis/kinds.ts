/** Which agent, if any, runs in a pane. */

import type { ProcessInfo } from '../../actors/ports.ts';
import type { AgentKind } from '../../machines/vocabulary.ts';

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
export const kindOf = ({ processes, command, title }: SeenPane): FoundAgent | null => {
  for (const { pid, argv } of processes) {
    const kind = kindOfProcess(argv);
    if (kind) return { kind, pid };
  }
  if (processes.every(({ argv }) => argv.length === 0)) {
    const kind = kindOfName(command);
    if (kind) return { kind, pid: null };
  }
  return TUNNELS.has(command) ? kindOfTitle(title) : null;
};

const kindOfProcess = (argv: readonly string[]): AgentKind | null => {
  const [program, ...rest] = argv;
  if (program === undefined) return null;
  const name = baseName(program);
  if (!INTERPRETERS.has(name)) return kindOfName(name);
  const script = scriptOf(rest);
  return script === null ? null : (kindOfPackage(script) ?? kindOfName(baseName(script)));
};

const kindOfName = (name: string): AgentKind | null => NAMES.get(name) ?? null;

/** The package that a path lies in. */
const kindOfPackage = (path: string): AgentKind | null =>
  PACKAGES.find(([directory]) => path.includes(`/${directory}/`))?.[1] ?? null;

const kindOfTitle = (title: string): FoundAgent | null => {
  const kind = TITLES.find(([pattern]) => pattern.test(title))?.[1];
  return kind ? { kind, pid: null } : null;
};

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
const VALUE_OPTIONS = new Set(['-r', '--require', '--import', '--loader', '-C', '--conditions']);

const NAMES = new Map<string, AgentKind>([
  ['claude', 'claude-code'],
  ['codex', 'codex'],
  ['gemini', 'gemini-cli'],
  ['opencode', 'opencode'],
  ['.opencode', 'opencode'],
  ['copilot', 'copilot'],
  ['qwen', 'qwen-code'],
]);

const PACKAGES: readonly (readonly [string, AgentKind])[] = [
  ['@anthropic-ai/claude-code', 'claude-code'],
  ['@openai/codex', 'codex'],
  ['@google/gemini-cli', 'gemini-cli'],
  ['opencode-ai', 'opencode'],
  ['@github/copilot', 'copilot'],
  ['@qwen-code/qwen-code', 'qwen-code'],
];

/** Programs behind which another machine's or container's screen is shown. */
const TUNNELS = new Set(
  'docker et kubectl limactl lxc mosh mosh-client nerdctl podman ssh wsl'.split(' '),
);

const TITLES: readonly (readonly [RegExp, AgentKind])[] = [
  [/^(?:[◐✳]\ufe0e? )?Qwen\b/u, 'qwen-code'],
  [/^[◐◑✳⠂⠐] \S/u, 'claude-code'],
  [/^[◇✦✋]\s+(?:Ready|Working|Action Required)/u, 'gemini-cli'],
  [/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] .* \| /u, 'codex'],
  [/^OC \| |^OpenCode$/u, 'opencode'],
  [/GitHub Copilot$/u, 'copilot'],
];
