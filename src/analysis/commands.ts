/** Whether a shell command only looks at things. */

import { simpleCommands } from './shell-words.ts';

/** In characters; of what is longer nothing is said. */
export const MAX_COMMAND = 2000;

/**
 * True where every program that the command names only reads. What cannot be judged (a redirection
 * to a file, an unknown program, a line that was cut) does not count as reading.
 */
export const onlyReads = (command: string): boolean => {
  if (command.includes('…') || command.length > MAX_COMMAND) return false;
  const simple = simpleCommands(command);
  return simple !== null && simple.length > 0 && simple.every(readsOnly);
};

const readsOnly = (words: readonly string[]): boolean => {
  const start = words.findIndex((word) => !isPrefix(word));
  const [program, ...args] = start < 0 ? [] : words.slice(start);
  if (program === undefined) return true;
  const name = program.replace(SYSTEM_FOLDER, '');
  if (LOOPS.has(name)) return true;
  if (args.some((word) => SPOILS.get(name)?.test(word))) return false;
  const wrapper = WRAPPERS.get(name);
  if (wrapper) return readsWrapped(args, wrapper);
  const verbs = VERBS.get(name);
  if (verbs) return isVerb(args, verbs);
  if (SECOND_IS_OUTPUT.has(name)) return args.filter(isFile).length < 2;
  return READERS.has(name);
};

/** Elsewhere a program may have the name of one that reads: `./test`. */
const SYSTEM_FOLDER = /^(?:\/usr(?:\/local)?|\/opt\/homebrew)?\/s?bin\/(?=[^/]+$)/;

/** `VAR=value`, and the keywords that may stand before a command. */
const isPrefix = (word: string): boolean =>
  /^[A-Za-z_]\w*=/.test(word) || /^(?:do|then|else|if|elif|while|until|!|\{|\})$/.test(word);

const LOOPS = new Set(['for', 'done', 'fi', 'case', 'esac', 'in', '[[']);

interface Wrapper {
  /** Options that have a value as a word of its own. */
  valued?: RegExp;
  /** Options with which nothing is run. */
  asks?: RegExp;
}

/** What runs the program that is named behind its own options. */
const WRAPPERS = new Map<string, Wrapper>([
  ['command', { asks: /^-[vV]$/ }],
  ['env', { valued: /^-[uC]$/ }],
  ['nice', { valued: /^-n$/ }],
  ['stdbuf', { valued: /^-[eio]$/ }],
  ['time', {}],
  ['timeout', { valued: /^-[ks]$/ }],
  ['xargs', { valued: /^-[adEILnPs]$/ }],
]);

const readsWrapped = (args: readonly string[], { valued, asks }: Wrapper): boolean => {
  let at = 0;
  for (let word = args[at]; word !== undefined; word = args[at]) {
    if (asks?.test(word)) return true;
    // A number is how long it may take; a variable is set for the program.
    if (!/^(?:-|\d[\d.]*[smhd]?$)/.test(word)) break;
    at += valued?.test(word) ? 2 : 1;
  }
  return readsOnly(args.slice(at));
};

const isVerb = (args: readonly string[], verbs: ReadonlySet<string>): boolean => {
  const at = args.findIndex((word, index) => isOperand(word) && !isOperandOf(args[index - 1]));
  const [verb = '', noun = ''] = at < 0 ? [] : args.slice(at);
  return verbs.has(verb) || verbs.has(`${verb} ${noun}`);
};

const isOperand = (word: string): boolean => !word.startsWith('-');
/** Before the verb: `git -C folder`, `git -c name=value`, `kubectl -n name`. */
const isOperandOf = (option = ''): boolean => /^-[Ccn]$/.test(option);
const isFile = (word: string): boolean => isOperand(word) && !/^\d+$/.test(word);

const READERS = new Set(
  `[ ag awk basename cat cd cmp column comm cut date df diff dirname du echo egrep false fd fgrep file
  find fold free grep head hexdump hostname id jq less ls lsof md5sum more nl nproc od printenv printf
  ps pwd read readlink realpath rev rg sed seq sha256sum sleep sort stat strings tac tail test tr
  tree true type uname uptime wc which whoami yq`.split(/\s+/),
);

const SECOND_IS_OUTPUT = new Set(['uniq', 'xxd']);

/** Arguments with which a reader writes or runs something else. */
const SPOILS = new Map([
  ['awk', /system\s*\(|>|(?<!\|)\|(?!\|)|^-[fi]/],
  ['date', /^(?:-s|--set)/],
  ['env', /^(?:-\w*S|--split-string)/],
  ['fd', /^(?:-x|-X|--exec)/],
  ['find', /^-(?:delete|exec|ok|fprint|fls)/],
  ['git', /^(?:--output|-O|--open-files-in-pager)/],
  ['go', /^-w$/],
  ['hostname', /^(?:[^-]|-[bF])/],
  ['less', /^(?:-[oO]|--log-file|--LOG-FILE)/],
  ['rg', /^--pre(?:=|$)/],
  // A command that writes to a file, or runs what it has made: `w out`, `s/a/b/e`.
  ['sed', /^(?:-[a-zA-Z]*[fi]|--in-place|--file)|(?:^|[;{}\d$/!|,#]\s*|\s)[wWe]\s|\/[gIimp\d]*e$/],
  ['sort', /^(?:-[a-zA-Z]*o|--output|--compress-program)/],
  ['time', /^(?:-[a-zA-Z]*o|--output)/],
  ['tree', /^-o/],
  ['yq', /^(?:-[a-zA-Z]*i|--inplace)/],
]);

const verbs = (text: string): ReadonlySet<string> => new Set(text.split(/,\s*/));

const VERBS = new Map([
  ['cargo', verbs('metadata, tree')],
  ['docker', verbs('images, inspect, logs, ps, top, version')],
  [
    'gh',
    verbs(
      'issue list, issue view, pr checks, pr diff, pr list, pr view, run list, run view, status',
    ),
  ],
  [
    'git',
    verbs(
      `blame, cat-file, describe, diff, grep, log, ls-files, ls-tree, rev-list, rev-parse, shortlog,
      show, stash list, stash show, status, worktree list`,
    ),
  ],
  ['go', verbs('env, list, version')],
  ['kubectl', verbs('describe, get, logs, top, version')],
  ['npm', verbs('info, list, ls, outdated, root, view, why')],
  ['pip', verbs('freeze, list, show')],
]);
