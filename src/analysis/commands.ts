/** Whether a shell command only looks at things. */

/**
 * True where every program that the command names only reads. What cannot be judged (a redirection
 * to a file, an unknown program, a line that was cut) does not count as reading.
 */
export const onlyReads = (command: string): boolean => {
  if (command.includes('…') || command.length > MAX_COMMAND) return false;
  const simple = splitCommands(command);
  return simple !== null && simple.length > 0 && simple.every(readsOnly);
};

const MAX_COMMAND = 2000;

/** Words of each simple command; null where something is written, or the quoting is not clear. */
const splitCommands = (command: string): string[][] | null => {
  const commands: string[][] = [[]];
  let word: string | null = null;
  let quote = '';
  const quotesOutside: string[] = [];
  const endWord = () => {
    if (word !== null) commands.at(-1)?.push(word);
    word = null;
  };
  const nextCommand = () => {
    endWord();
    commands.push([]);
  };
  for (let at = 0; at < command.length; at += 1) {
    const char = command[at] as string;
    const skipped = quote === "'" ? '' : arithmeticAt(command, at);
    if (skipped) {
      word = (word ?? '') + skipped;
      at += skipped.length - 1;
    } else if (quote !== "'" && command.startsWith('$(', at)) {
      // What is run inside is judged like any other command; the word around it is lost.
      nextCommand();
      quotesOutside.push(quote);
      quote = '';
      at += 1;
    } else if (quote !== "'" && char === '`') return null;
    else if (char === quote) quote = '';
    else if (quote) word += char;
    else if (char === "'" || char === '"') {
      quote = char;
      word ??= '';
    } else if (char === '\\') {
      word = (word ?? '') + (command[at + 1] ?? '');
      at += 1;
    } else if (char === '>' || char === '<') {
      const harmless = HARMLESS_REDIRECTION.exec(command.slice(at, at + 20))?.[0];
      if (!harmless) return null;
      if (word !== null && !/^[\d&]$/.test(word)) endWord();
      word = null;
      at += harmless.length - 1;
    } else if (char === ')' && quotesOutside.length > 0) {
      nextCommand();
      quote = quotesOutside.pop() ?? '';
      word = quote ? '' : null;
    } else if (';|&\n()'.includes(char)) nextCommand();
    else if (char === ' ' || char === '\t') endWord();
    else word = (word ?? '') + char;
  }
  if (quote) return null;
  endWord();
  return commands.filter((words) => words.some((each) => each !== ''));
};

/** `$((…))`, which runs nothing. */
const arithmeticAt = (command: string, at: number): string => {
  const end = command.startsWith('$((', at) ? command.indexOf('))', at) : -1;
  const inner = command.slice(at + 3, end);
  return end < 0 || inner.includes('$(') || inner.includes('`') ? '' : command.slice(at, end + 2);
};

/** Into nothing, into another descriptor, or from a file. */
const HARMLESS_REDIRECTION = /^(?:>{1,2}\s?\/dev\/null|>&\d|<(?![<(])\s?)/;

const readsOnly = (words: string[]): boolean => {
  let at = 0;
  while (isPrefix(words[at])) at += 1;
  const [program, ...rest] = words.slice(at);
  if (program === undefined) return true;
  const name = program.slice(program.lastIndexOf('/') + 1);
  if (LOOPS.has(name)) return true;
  if (WRAPPERS.has(name))
    return readsOnly(rest.filter((word) => !/^(?:-.*|\d+[smh]?|.+=.*)$/.test(word)));
  const verbs = VERBS[name];
  if (verbs)
    return verbs.has(verbOf(rest)) && !rest.some((word) => word === '-D' || word === '--delete');
  const spoils = SPOILS[name];
  return READERS.has(name) && !(spoils && rest.some((word) => spoils.test(word)));
};

/** `VAR=value`, and the keywords that may stand before a command. */
const isPrefix = (word = ''): boolean =>
  /^[A-Za-z_]\w*=/.test(word) || /^(?:do|then|else|if|elif|while|until|!|\{|\})$/.test(word);

/** The first word that is neither an option nor an option's value. */
const verbOf = (words: readonly string[]): string =>
  words.find((word, at) => !word.startsWith('-') && !/^-[Ccn]$/.test(words[at - 1] ?? '')) ?? '';

const LOOPS = new Set(['for', 'done', 'fi', 'case', 'esac', 'in', '[[']);
const WRAPPERS = new Set(['time', 'timeout', 'nice', 'command', 'xargs', 'env', 'stdbuf']);

const READERS = new Set(
  `[ ag awk basename cat cd cmp column comm cut date df diff dirname du echo egrep false fd fgrep file
  find fold free grep head hexdump hostname id jq less ls lsof md5sum more nl nproc od printenv printf
  ps pwd read readlink realpath rev rg sed seq sha256sum sleep sort stat strings tac tail test tr
  tree true type uname uniq uptime wc which whoami xxd yq`.split(/\s+/),
);

/** Arguments with which a reader writes or runs something else. */
const SPOILS: Record<string, RegExp> = {
  awk: /system\s*\(|>|^-i/,
  fd: /^(?:-x|-X|--exec)/,
  find: /^-(?:delete|exec|ok|fprint|fls)/,
  sed: /^(?:-[a-zA-Z]*i|--in-place)/,
  sort: /^(?:-o|--output)/,
  yq: /^(?:-i|--inplace)/,
};

const VERBS: Record<string, Set<string>> = {
  cargo: new Set(['metadata', 'tree']),
  docker: new Set(['images', 'inspect', 'logs', 'ps', 'top', 'version']),
  gh: new Set(['status']),
  git: new Set(
    `blame cat-file describe diff grep log ls-files ls-tree rev-list rev-parse shortlog show
    status`.split(/\s+/),
  ),
  go: new Set(['env', 'list', 'version']),
  kubectl: new Set(['describe', 'get', 'logs', 'top', 'version']),
  npm: new Set(['info', 'list', 'ls', 'outdated', 'root', 'view', 'why']),
  pip: new Set(['freeze', 'list', 'show']),
};
