/** `agent-monitor …`: explains screens by itself, and asks the running monitor for all the rest. */

import { readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { MonitorError } from '../actors/errors.ts';
import { ATTENTIONS, EVENT_NAMES, STATES, WHENS } from '../machines/vocabulary.ts';
import packageJson from '../package.json' with { type: 'json' };
import { loadProfiles } from './analysis/custom-profiles.ts';
import { list, log, show } from './cli/agents.ts';
import { answer, interrupt, send } from './cli/commands.ts';
import { events } from './cli/events.ts';
import { explainLive, explainMany, explainOne } from './cli/explain.ts';
import { Failure } from './cli/failure.ts';
import { tellInstalled, tellStatus, tellUninstalled } from './cli/hooks.ts';
import { open } from './cli/open.ts';
import { toldOf } from './cli/refusal.ts';
import { printable, type Terminal } from './cli/terminal.ts';
import { type Client, createClient } from './client.ts';
import { ApiError } from './client-http.ts';
import { type Config, readConfig } from './config.ts';
import { createExplainer } from './explain.ts';
import { HOOK_AGENTS, type HookAgent } from './hooks/hook-agents.ts';
import {
  hookFor,
  hooksStatus,
  installHooks,
  settingsPathOf,
  uninstallHooks,
} from './hooks/install.ts';
import { loadToken, rotateToken, tokenPath } from './http/token.ts';
import { isSocketPath } from './http/unix-socket.ts';

/** What it ends with: 0 where it was done, else one of these. */
const FAILED = 1;
const NOT_UNDERSTOOD = 2;

const settings = (): Config =>
  readConfig({ argv: [], readFile: (path) => readFileSync(path, 'utf8') });

const monitorApi = (): Client => {
  const { dataDir, apiHost, apiPort } = settings();
  return createClient({ socketPath: join(dataDir, 'api.sock'), host: apiHost, port: apiPort });
};

const terminal: Terminal = {
  out: (text) =>
    new Promise((resolve) => {
      if (process.stdout.write(text)) resolve();
      else process.stdout.once('drain', resolve);
    }),
  err: (text) => {
    process.stderr.write(`${printable(text)}\n`);
  },
};

const tools = () => ({
  api: monitorApi(),
  terminal,
  now: Date.now,
});

const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
};

const oneOf = (flags: string, description: string, choices: readonly string[]): Option =>
  new Option(flags, `${description}: ${choices.join(', ')}`).choices(choices);

const addLookups = (program: Command): void => {
  program
    .command('list')
    .description('all agents, or those that a filter leaves')
    .addOption(oneOf('--state <state>', 'only in this state', STATES))
    .option('--kind <kind>', 'only of this kind, such as claude-code')
    .addOption(oneOf('--attention <attention>', 'only with this attention', ATTENTIONS))
    .option('--json', 'for programs')
    .action((options) => list(tools(), options));
  program
    .command('show')
    .description('one agent: its state, what decided it, the dialog it shows')
    .argument('<session>')
    .option('--json', 'for programs')
    .action((session, options) => show(tools(), session, options));
  program
    .command('log')
    .description('who did what, to one agent or to all and to the monitor itself')
    .argument('[session]')
    .option('--limit <count>', 'how many at most', wholeNumber, 50)
    .option('--json', 'for programs')
    .action((session, options) => log(tools(), session, options));
  program
    .command('events')
    .description('what happened; with --follow what happens, until Ctrl-C')
    .option('--follow', 'go on with what happens from now on, or after --after')
    .option('--after <seq>', 'only what comes after this event', wholeNumber)
    .option('--limit <count>', 'how many at most, without --follow', wholeNumber, 100)
    .option('--session <session>', 'only of this session')
    .addOption(oneOf('--event <event>', 'only of this name', EVENT_NAMES))
    .option('--json', 'for programs: one object a line')
    .action((options) => events(tools(), options));
};

const addCommands = (program: Command): void => {
  const waiting = (command: Command): Command =>
    command
      .option('--wait', 'wait until it has ended; the exit status says how')
      .option('--timeout <seconds>', 'how long to wait', wholeNumber, 600)
      .option('--source <source>', 'who asks, for people to read', userName())
      .option('--json', 'for programs');
  waiting(program.command('send'))
    .description('types a text into an agent and submits it')
    .argument('<session>')
    .argument('<text...>', 'the text; - reads it from the standard input')
    .addOption(oneOf('--when <when>', 'what to wait for', WHENS))
    .option('--no-submit', 'leave the text in the input box')
    .option('--expires <seconds>', 'when to give up waiting for its turn', wholeNumber)
    .action(async (session, words, options) =>
      send(tools(), session, await textOf(words), options),
    );
  waiting(program.command('answer'))
    .description('chooses an option of the dialog that an agent shows')
    .argument('<session>')
    .argument(
      '<choice...>',
      'the id of the option, as `show` gives it; of all that are to be ticked',
    )
    .option('--text <text>', 'for an option that takes a text of your own')
    .option('--dialog <id>', 'only if it is this dialog; else the one that is open')
    .action((session, choices, options) => answer(tools(), session, choices, options));
  waiting(program.command('interrupt'))
    .description('presses Escape in an agent')
    .argument('<session>')
    .action((session, options) => interrupt(tools(), session, options));
};

const addExplain = (program: Command): void => {
  program
    .command('explain')
    .description('what a screen on the standard input is taken for, and why')
    .option('--kind <kind>', 'the kind of agent, such as claude-code; else it is found out')
    .option('--title <title>', "the pane's title")
    .addOption(
      new Option('--jsonl', 'many screens, each a line {id, kind?, title?, screen}').conflicts([
        'kind',
        'title',
        'session',
      ]),
    )
    .addOption(
      new Option('--session <session>', 'the screen of a watched agent').conflicts([
        'kind',
        'title',
      ]),
    )
    .option('--json', 'for programs')
    .action(({ jsonl, session, kind: name, title = '', json }) => {
      if (session !== undefined) return explainLive(tools(), session, { json });
      const profiles = loadProfiles(settings());
      const explainer = createExplainer(profiles);
      const kind = name === undefined ? null : explainer.kindNamed(name);
      if (name !== undefined && kind === null) {
        program.error(
          `error: no such kind as ${name}; there are ${Object.keys(profiles).join(', ')}`,
        );
      }
      if (process.stdin.isTTY)
        program.error(`error: a screen is read from the standard input: ${PIPED}`);
      const explaining = { input: process.stdin, terminal, explainer };
      return jsonl ? explainMany(explaining) : explainOne(explaining, { kind, title, json });
    });
};

const PIPED = 'tmux capture-pane -p -t shop-api | agent-monitor explain';

const addHooks = (program: Command): void => {
  const hooks = program
    .command('hooks')
    .description("the agents' own hooks, which tell the monitor more than their screens do");
  const forAgent = (name: string, description: string): Command =>
    hooks
      .command(name)
      .description(description)
      .addOption(oneOf('--agent <agent>', 'whose settings', HOOK_AGENTS).default('claude-code'))
      .option('--settings <file>', "the settings, where they are not in the agent's usual place");
  forAgent('install', 'puts them into the settings of an agent').action((options) => {
    const wanted = { ...targetOf(options), hook: hookOf(options.agent) };
    return tellInstalled(terminal, options.agent, installHooks(wanted), hooksStatus(wanted));
  });
  forAgent('uninstall', 'takes them out again').action((options) =>
    tellUninstalled(terminal, uninstallHooks(targetOf(options))),
  );
  forAgent('status', 'says whether they are installed, also by the exit status')
    .option('--json', 'for programs')
    .action((options) =>
      tellStatus(
        terminal,
        hooksStatus({ ...targetOf(options), hook: hookOf(options.agent) }),
        options,
      ),
    );
};

const targetOf = ({ agent, settings: given }: { agent: HookAgent; settings?: string }) => ({
  agent,
  settingsPath:
    given === undefined
      ? settingsPathOf(agent, { home: homedir(), env: process.env })
      : resolve(given),
});

const hookOf = (agent: HookAgent) => {
  const { execPath: node } = process;
  const program = join(import.meta.dirname, 'hooks/post.js');
  const socket = join(settings().dataDir, 'api.sock');
  if (!isSocketPath(socket))
    throw new Failure(
      `${socket} is too long for a unix socket, by which hooks post; set AGENT_MONITOR_DATA_DIR`,
    );
  return hookFor({ agent, node, program, socket });
};

const addAccess = (program: Command): void => {
  program
    .command('open')
    .description('prints a link that lets one browser in, once, within two minutes')
    .option('--read-only', 'to look, and change nothing')
    .option(
      '--at <address>',
      'where the browser finds the monitor, such as https://monitor.example',
    )
    .action((options) => open(tools(), options));
  program
    .command('token')
    .description('prints where the token for other users and machines lies')
    .option('--read-only', 'the one to look with, and change nothing')
    .option('--rotate', 'put a new one there: the old one, and all cookies of it, end at once')
    .action(({ readOnly, rotate }) => {
      const { dataDir } = settings();
      const scope = readOnly ? 'read' : 'full';
      if (rotate) rotateToken(dataDir, scope);
      else loadToken(dataDir, scope);
      // The token itself is not to be seen on a screen.
      return terminal.out(`${tokenPath(dataDir, scope)}\n`);
    });
};

const textOf = async (words: string[]): Promise<string> => {
  if (words.length !== 1 || words[0] !== '-') return words.join(' ');
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  // The last line's end is not meant to be typed.
  return Buffer.concat(chunks)
    .toString()
    .replace(/\r?\n$/, '');
};

const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in the password file, as in some containers.
    return 'cli';
  }
};

const run = async (): Promise<void> => {
  const program = new Command('agent-monitor')
    .description('Watches coding agents in tmux sessions. See docs/command-line.md.')
    .version(packageJson.version)
    .exitOverride()
    .showHelpAfterError('(--help shows what is allowed)');
  addLookups(program);
  addCommands(program);
  addExplain(program);
  addHooks(program);
  addAccess(program);
  await program.parseAsync();
};

const statusAfter = (error: unknown): number => {
  // Commander has told what it did not understand, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : NOT_UNDERSTOOD;
  for (const line of whatWentWrong(error).split('\n')) terminal.err(`agent-monitor: ${line}`);
  return FAILED;
};

const whatWentWrong = (error: unknown): string => {
  if (error instanceof ApiError) return toldOf(error);
  if (error instanceof Failure || error instanceof MonitorError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read it has read enough, as `head` does.
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
run().catch((error: unknown) => {
  process.exitCode = statusAfter(error);
});
