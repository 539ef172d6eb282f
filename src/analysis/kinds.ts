/** Which agent, if any, runs in a pane. */

import type { ProcessInfo } from '../../actors/ports.ts';
import type { AgentKind } from '../../machines/vocabulary.ts';
import type { Identity, Profiles } from './profile.ts';
import { PROFILES } from './profiles/index.ts';

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
  profiles: Profiles = PROFILES,
): FoundAgent | null => {
  for (const { pid, argv } of processes) {
    const kind = kindOfProcess(argv, profiles);
    if (kind) return { kind, pid };
  }
  const isHidden = processes.every(({ argv }) => argv.length === 0);
  const kind =
    (isHidden ? kindOfProgram(command, profiles) : null) ??
    (TUNNELS.has(command) ? kindOfTitle(title, profiles) : null);
  return kind ? { kind, pid: null } : null;
};

/** The agent that gives its terminal such a title, or null. */
export const kindOfTitle = (title: string, profiles: Profiles): AgentKind | null =>
  kindFoundBy(profiles, ({ titles }) => titles.some((pattern) => pattern.test(title)));

/** The agent whose program has this name, or null. */
export const kindOfProgram = (name: string, profiles: Profiles): AgentKind | null =>
  kindFoundBy(profiles, ({ programs }) => programs.includes(name));

/** Those that users have written stand last, and are asked first. */
const kindFoundBy = (
  profiles: Profiles,
  isFound: (identity: Identity) => boolean,
): AgentKind | null =>
  Object.values(profiles).findLast(({ foundBy }) => foundBy && isFound(foundBy))?.kind ?? null;

const kindOfProcess = (argv: readonly string[], profiles: Profiles): AgentKind | null => {
  const [program, ...args] = argv;
  if (program === undefined) return null;
  const name = nameOf(program);
  const kind = kindOfProgram(name, profiles);
  if (kind) return kind;
  const interpreter = INTERPRETERS.find(({ names }) => names.test(name));
  const script = interpreter ? scriptOf(args, interpreter.code) : null;
  return script ? kindOfScript(script, name, profiles) : null;
};

const kindOfScript = (script: string, interpreter: string, profiles: Profiles) => {
  const isRun = ({ runBy = JAVASCRIPT }: Identity) => runBy.test(interpreter);
  const isPackaged = ({ packages }: Identity) =>
    packages.some((folder) => script.includes(`/${folder}/`));
  return (
    kindFoundBy(profiles, (each) => isRun(each) && isPackaged(each)) ??
    kindFoundBy(profiles, (each) => isRun(each) && each.programs.includes(nameOf(script)))
  );
};

/** A login shell's begins with a dash; one that is installed by version is named by its folder. */
const nameOf = (path: string): string => {
  const [, versioned] = /([^/]+)\/versions\/\d[^/]*$/.exec(path) ?? [];
  return versioned ?? path.slice(path.lastIndexOf('/') + 1).replace(/^-/, '');
};

const JAVASCRIPT = /^(?:node|nodejs|bun|deno)$/;

interface Interpreter {
  names: RegExp;
  /** An option instead of a script: what follows is the program itself, or nothing is run. */
  code: RegExp;
}

const INTERPRETERS: readonly Interpreter[] = [
  { names: JAVASCRIPT, code: /^(?:-[a-z]*[cep]|--(?:check|eval|print)(?:=.*)?)$/ },
  { names: /^(?:python|pypy|bash|dash|fish|ksh|sh|zsh)[\d.]*$/, code: /^-[a-zA-Z]*c$/ },
  { names: /^(?:ruby|perl|lua)[\d.]*$/, code: /^-[a-zA-Z]*[eE]/ },
];

/** The first argument that is neither an option nor an option's value. */
const scriptOf = (args: readonly string[], code: RegExp): string | null => {
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] as string;
    if (code.test(arg)) return null;
    if (VALUE_OPTIONS.has(arg)) at += 1;
    else if (arg !== 'run' && !arg.startsWith('-')) return arg;
  }
  return null;
};

/** Of any of the interpreters: none of these names means something without a value to another. */
const VALUE_OPTIONS = new Set(
  `-r --require --import --loader --experimental-loader --preload -C --conditions --cwd --env-file
  --env-file-if-exists --title --disable-warning -I -W -X -o -O --rcfile --init-file`.split(/\s+/),
);

/** Programs behind which another machine's or container's screen is shown. */
const TUNNELS = new Set(
  'docker et kubectl limactl lxc mosh mosh-client nerdctl podman ssh wsl'.split(' '),
);
