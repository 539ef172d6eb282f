/** What the actors need from the world, and what they offer to it. `src/` satisfies these by shape. */

import type { Reading } from '../machines/command-context.ts';
import type {
  Agent,
  AgentDetail,
  AgentKind,
  Attention,
  Command,
  CommandAct,
  CommandEvidence,
  CommandStatus,
  Dialog,
  EventDraft,
  Hold,
  Interaction,
  MonitorEvent,
  Pane,
  PaneIdentity,
  ServerIdentity,
  State,
  Todo,
  TypingGuard,
  Verdict,
  When,
} from '../machines/vocabulary.ts';

/** Ends what the call that returned it began. Calling it twice is harmless. */
export type Stop = () => void;

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that no change of the wall clock moves. */
  monotonic(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Knows whose code runs, through all timers, callbacks and promises that it starts. */
export interface Attribution {
  /** Errors that escape from `call`, or from what it starts, are this actor's. Never throws. */
  to(actor: string, call: () => void): void;
  /** What `call` starts is nobody's in particular, whoever calls. */
  toNobody<Result>(call: () => Result): Result;
}

/** The restart budget of a thing that an adapter keeps running by itself. */
export interface Part {
  /** It runs. Saying so again changes nothing. */
  running(): void;
  /** It does not run, because there is nothing for it to do: no failure of its own. */
  idle(): void;
  /** It ended, or could not be started. Answers after how many ms to try again. */
  failed(error: unknown): number;
}

/** How the supervision of a part or a session stands. */
export interface Supervised {
  /** `session`, or the part's name. */
  actor: string;
  /** The session's name; empty for a part. */
  session: string;
  /**
   * `waiting`: it is started again soon. `spent`: it failed so often that it is tried only now and
   * then, and runs on trial until that has lasted. `quarantined`: it is not started again until a
   * person restarts it.
   */
  status: 'running' | 'waiting' | 'spent' | 'quarantined';
  restarts: number;
  /** Since when it does not run, in ms since the epoch; null while it runs. */
  since: number | null;
  /** What it last failed with, while it does not run; else empty. */
  error: string;
  /** When it is started again; null where it runs, be it on trial, or is quarantined. */
  nextAt: number | null;
}

/** Everything on the tmux server at one moment. */
export interface Listing {
  server: ServerIdentity;
  panes: Pane[];
}

/** What one capture of a pane gives. */
export interface Look {
  /** The visible screen as tmux renders it, wrapped lines joined, lines split by `\n`. */
  text: string;
  title: string;
  width: number;
  height: number;
  /** The pane's foreground program as tmux names it. */
  command: string;
  panePid: number;
  dead: boolean;
  deadStatus: number | null;
  /** Milliseconds since the epoch at which tmux answered. */
  at: number;
}

/** What a terminal of the pane's size shows. */
export interface Screen {
  title: string;
  width: number;
  height: number;
  cursor: { x: number; y: number; visible: boolean };
  /** As many as it is high: text and colours (SGR), each by itself, nothing else. */
  rows: string[];
}

export interface WatchTarget {
  server: ServerIdentity;
  sessionId: string;
  paneId: string;
  /** True where attaching would change the session's fate (`destroy-unattached`). */
  fragile: boolean;
}

export interface WatchListener {
  /** The pane may have changed: a look that differs from the last, or that was asked for. */
  looked(look: Look): void;
  /** How the pane is watched from now on. */
  connected(by: 'attached' | 'shared'): void;
  /**
   * The watch is over and will not call again. `gone`: the session or pane is no more (or the
   * client was moved off it); `lost`: the connection broke and may be tried again.
   */
  closed(cause: 'gone' | 'lost', detail: string): void;
}

export interface Watch {
  /** Asks for one look, delivered through `looked` even where nothing changed. */
  look(): void;
  stop: Stop;
}

export interface Tmux {
  /**
   * Everything on the server now; null where no server runs.
   * @throws {TmuxFailed} where tmux is there but does not answer as it should.
   */
  list(): Promise<Listing | null>;
  /** Calls back whenever sessions, windows or panes may have changed, or a server came or went. */
  onChange(listener: () => void): Stop;
  /** Watches one pane. Whether by its own client or the shared one is the implementation's choice. */
  watch(target: WatchTarget, listener: WatchListener): Watch;
  /**
   * The last `lines` lines of the pane, scrollback included, without trailing blank lines.
   * @throws {PaneGone} where the pane is no more.
   */
  capture(paneId: string, options: { lines: number; ansi: boolean }): Promise<string>;
  /** @throws {PaneGone} where the session, or that life of its server, is no more. */
  killSession(server: ServerIdentity, sessionId: string): Promise<void>;
}

/** A process below a pane's own, nearest first. */
export interface ProcessInfo {
  pid: number;
  argv: string[];
}

export interface Processes {
  /** The process itself and its descendants, breadth first; empty where it is gone. */
  tree(pid: number): Promise<ProcessInfo[]>;
}

export interface JudgeRequest {
  kind: AgentKind;
  text: string;
  title: string;
  width: number;
  height: number;
  /** The pane's foreground program; what a plain shell is judged by. */
  command: string;
}

export interface Sight {
  /** Never rejects for a bad screen: what cannot be judged is `unknown`, by a rule `sight.…`. */
  judge(request: JudgeRequest): Promise<Verdict>;
}

/** A watched session as it is stored: the public agent, and what only the detail shows. */
export interface AgentRow extends Agent {
  /** The identity: one life of one session on one life of its server. */
  key: string;
  rule: string;
  evidence: string;
  dialog: Dialog | null;
  todos: Todo[];
  machine: unknown;
  /** Milliseconds since the epoch at which the session vanished, or null. */
  goneAt: number | null;
}

/** One step of one session: what is true now, and what is to be told about it. */
export interface Change {
  row: AgentRow;
  /** The machine's persisted snapshot, as JSON can carry it. */
  snapshot: unknown;
  events: EventDraft[];
}

export interface Journal {
  /**
   * Commits the change with all others of this turn of the event loop in one transaction. A change
   * without events may wait up to a second for the next one.
   */
  record(change: Change): void;
  /** Commits events that belong to no session's state. */
  announce(events: EventDraft[]): void;
  /** The last recorded snapshot of a session, though it may wait to be committed, or null. */
  snapshot(key: string): unknown;
  /** The last recorded row of a session, though it may wait to be committed, or null. */
  row(key: string): AgentRow | null;
  /** Committed rows of sessions not yet forgotten, the gone ones included. */
  rows(): AgentRow[];
}

/** What is written down of an interaction. */
export interface InteractionEntry extends Omit<Interaction, 'id'> {
  /** Of the session's life, whatever it is called; null where it is none that is watched. */
  key: string | null;
}

/** Who did what: the audit trail. */
export interface InteractionLog {
  /** Of a long text the beginning is kept. */
  log(entry: InteractionEntry): void;
  /**
   * For what comes often, or from anybody: one entry an hour for each session, caller and action. Its
   * detail counts each `what`: `PreToolUse 12, Stop 1`.
   */
  count(entry: Omit<InteractionEntry, 'detail' | 'text'>, what: string): void;
}

/** One life of a session, and what it is called now. */
export interface NamedLife {
  session: string;
  key: string;
}

export interface InteractionHistory extends InteractionLog {
  /**
   * The last `limit` interactions, newest first: those under this name, and with the session with this
   * key under any name; or those with no session.
   */
  recent(of: NamedLife | null, limit: number): Interaction[];
  /** All interactions before the one with this id, or the last, newest first. */
  page(query: { before?: number; limit: number }): Interaction[];
}

/** The committed events that are still to be told elsewhere. */
export interface Outbox {
  readonly epoch: string;
  /** The seq of the last committed event; 0 before the first. */
  last(): number;
  /** Events after `seq` in order, at most `limit`. */
  after(seq: number, limit: number): MonitorEvent[];
  /** Calls back after each commit with the events just committed. */
  onCommit(listener: (events: MonitorEvent[]) => void): Stop;
  /** How far a consumer has come; 0 at first. */
  cursor(consumer: string): number;
  moveCursor(consumer: string, seq: number): void;
  /** Begins a new epoch, for a database that turns out to be older than what was told from it. */
  renewEpoch(): void;
}

/** Where the events are told: Redis. Every call may reject; the relay tries again. */
export interface Bus {
  /** How many events the stream keeps; older ones need not be appended. */
  readonly streamLength: number;
  /**
   * The seq of the stream's last entry of this epoch; 0 where the stream is empty or was begun anew.
   * @throws {BusForeign} where the stream belongs to another host's monitor.
   */
  position(): Promise<number>;
  /**
   * Appends events to the stream if its last entry is still `after`, and publishes those whose seq
   * is above `published`. Answers the seq the stream now ends with: another one than the last
   * event's says that the stream was changed by someone else and nothing was appended.
   */
  append(events: MonitorEvent[], after: number, published: number): Promise<number>;
  /** Adds the events to the BullMQ queue; adding one again changes nothing. */
  enqueue(events: MonitorEvent[]): Promise<void>;
  /**
   * Calls back with true whenever the bus becomes usable, at once where it is, and with false when
   * it ceases to be or cannot be reached again; `why` says what went wrong, if that is known.
   */
  onReady(listener: (ready: boolean, why?: string) => void): Stop;
}

export interface RelayStatus {
  state: 'relaying' | 'degraded';
  /** The seq of the last event that is in the stream. */
  lastRelayed: number;
  /** What is wrong and what a person can do about it; empty while relaying. */
  detail: string;
}

export type Check = { status: 'ok' | 'degraded' | 'down'; detail: string };

export interface Health {
  status: 'ok' | 'degraded';
  timestamp: number;
  version: string;
  /** Seconds. */
  uptime: number;
  checks: { store: Check; tmux: Check; redis: Check; supervisor: Check };
}

export interface Stats {
  agents: { total: number; byState: Record<State, number>; gone: number };
  commands: Record<CommandStatus, number>;
  events: { last: number; oldest: number; relayed: number; epoch: string };
  restarts: number;
  /** The names of the quarantined sessions. */
  quarantined: string[];
  /** Every part, and the sessions that do not run. */
  supervision: Supervised[];
  watching: { attached: number; shared: number; swept: number };
  /** Off after too many starts in a minute, of which `recentStarts` tells; 0 once this one has lasted. */
  typing: { on: boolean; recentStarts: number };
  /** Seconds. */
  uptime: number;
  /** Bytes. */
  memory: { rss: number; heapUsed: number };
  /** How late the event loop was in the last one to two minutes, in milliseconds. */
  eventLoop: { p99: number; max: number };
}

export interface AgentFilter {
  state?: State;
  kind?: AgentKind;
  attention?: Attention;
}

export interface EventQuery {
  after?: number;
  /** The epoch in which `after` was counted; not given: the current one. */
  epoch?: string;
  /** Only what was told at or after this time, in ms since the epoch. */
  since?: number;
  limit: number;
  session?: string;
  /** Of any of these; instead of `session`. */
  sessions?: readonly string[];
  event?: string;
}

export interface EventPage {
  epoch: string;
  events: MonitorEvent[];
  count: number;
  /** Pass as `after` for the next page; null where there is none yet. */
  next: number | null;
  /** True where events after `after` were already deleted: read the agents anew. */
  reset: boolean;
}

/** One look at an agent's pane: the verdict, beside the state that its session is in. */
export interface AgentLook {
  session: string;
  kind: AgentKind;
  state: State;
  title: string;
  verdict: Verdict;
}

/** What the API is built on. */
export interface Monitor {
  agents(filter: AgentFilter): Agent[];
  /** @throws {SessionNotFound} */
  agent(session: string): AgentDetail;
  /** What one look taken now concludes. @throws {SessionNotFound} {PaneGone} */
  look(session: string): Promise<AgentLook>;
  /** @throws {SessionNotFound} {PaneGone} */
  output(session: string, options: { lines: number; ansi: boolean }): Promise<string>;
  /** @throws {SessionNotFound} {PaneGone} */
  kill(session: string, source: string): Promise<void>;
  /** @throws {SessionNotFound} */
  restart(session: string, source: string): void;
  /** @throws {SessionNotFound} */
  log(session: string, limit: number): Interaction[];
  readonly interactions: InteractionHistory;
  events(query: EventQuery): EventPage;
  /** Calls back after each commit. */
  subscribe(listener: (events: MonitorEvent[]) => void): Stop;
  health(): Health;
  stats(): Stats;
  readonly commands: CommandDesk;
  readonly hooks: HookDesk;
  readonly machines: Machines;
  readonly inspector: Inspector;
  readonly metrics: Metrics;
  /**
   * Tells what a session's pane shows, at once and at every change, until it is stopped or gone.
   * @throws {SessionNotFound} {PaneGone}
   */
  watchScreen(session: string, listener: ScreenListener): Stop;
  /** The live machine of a session. @throws {SessionNotFound} */
  machine(session: string): MachineLook;
}

/** A key under which a request may be repeated, and a hash of what it asked for. */
export interface Idempotency {
  key: string;
  bodyHash: string;
}

/** Who asks for something to be typed. */
export interface Person {
  /** As the connection proves it: `uid:1000`, `token` or `socket`. */
  caller: string;
  /** As the request names it, or null where it names nobody. */
  source: string | null;
}

/** Who asks for something new, and under which key. */
export interface Asker extends Person {
  idempotency: Idempotency | null;
}

export interface TextRequest {
  command: string;
  when: When;
  submit: boolean;
  raw: boolean;
  expiresInSeconds: number;
}

/** Either `choice`, one option, or `choices`, all that are wanted of several that can be ticked. */
export interface AnswerRequest {
  dialog: string;
  choice?: string;
  choices?: readonly string[];
  text?: string;
}

export interface AcceptedCommand {
  command: Command;
  /** It was accepted before, under the same idempotency key. */
  replayed: boolean;
}

/** Where the API's callers ask for commands, look them up and take them back. */
export interface CommandDesk {
  /** @throws {SessionNotFound} {PaneGone} {QueueFull} {IdempotencyMismatch} {DiskLow} {StoreFailed} */
  send(session: string, request: TextRequest, asker: Asker): Promise<AcceptedCommand>;
  /** As `send`. @throws {DialogStale} {ChoiceUnknown} {NotAnswerable} */
  answer(session: string, answer: AnswerRequest, asker: Asker): Promise<AcceptedCommand>;
  /** As `send`. */
  interrupt(session: string, asker: Asker): Promise<AcceptedCommand>;
  /** A new command that asks for the same again; as `send`. @throws {CommandNotFound} {CommandNotRetryable} */
  retry(id: string, asker: Asker): Promise<AcceptedCommand>;
  /** Newest first. @throws {SessionNotFound} */
  page(session: string, query: CommandQuery): CommandPage<ShownCommand>;
  /** @throws {CommandNotFound} */
  get(id: string): ShownCommand;
  /** The command once it is final, or as it is when the time is over or `signal` aborts. @throws {CommandNotFound} */
  ended(id: string, options: { withinMs: number; signal: AbortSignal }): Promise<ShownCommand>;
  /** @throws {CommandNotFound} {CommandNotQueued} {StoreFailed} */
  cancel(id: string, by: Person): ShownCommand;
  /** @throws {CommandNotFound} {CommandNotUnknown} {StoreFailed} */
  resolve(id: string, resolution: string, by: Person): ShownCommand;
}

/** A command, and why it is not typed yet: null where it is not queued, or where that is not known. */
export interface ShownCommand extends Command {
  held: Hold | null;
}

export interface CommandQuery {
  limit: number;
  /** The `next` of the page before. */
  cursor?: string;
}

export interface CommandPage<Listed = Command> {
  commands: Listed[];
  next: string | null;
}

/** A command as it is asked for; the queue adds id, status and times. */
export interface CommandDraft {
  session: string;
  /** The session's identity, as `AgentRow.key`. */
  key: string;
  target: PaneIdentity;
  command: string;
  source: string;
  when: When;
  act: CommandAct;
  expiresAt: number;
  retryOf: string | null;
  idempotency: Idempotency | null;
}

export interface StoredCommand extends Command {
  key: string;
  target: PaneIdentity;
  act: CommandAct;
}

export interface CommandOutcome {
  status: 'sent' | 'failed' | 'unknown';
  evidence: CommandEvidence;
  error: string | null;
  attempts: number;
}

/** The persistent queue, as the API needs it. */
export interface CommandInbox {
  /**
   * Resolves when the command is on disk. `replayed` says that it was accepted before under the same
   * idempotency key.
   * @throws {QueueFull} {IdempotencyMismatch} {DiskLow} {StoreFailed}
   */
  accept(draft: CommandDraft): Promise<AcceptedCommand>;
  /** What was accepted under this key within the last 24 hours, or null. @throws {IdempotencyMismatch} */
  replay(asked: Idempotency): Promise<AcceptedCommand | null>;
  /** @throws {CommandNotFound} */
  get(id: string): StoredCommand;
  /** Newest first; `next` is the cursor of the next page or null. */
  /** What was asked for under this name, and for the session with this key under any name. */
  page(of: { session: string; key: string | null }, query: CommandQuery): CommandPage;
  /** Surely not typed, and never will be. @throws {CommandNotFound} {CommandNotQueued} */
  cancel(id: string): Command;
  /** Records what a person found out. @throws {CommandNotFound} {CommandNotUnknown} */
  resolve(id: string, resolution: string): Command;
  /** Calls back with each command whose status has changed, after the commit. */
  onChange(listener: (command: StoredCommand) => void): Stop;
  /** Commands by status, for statistics. */
  counts(): Record<CommandStatus, number>;
  /** How many wait for this session identity. */
  queued(key: string): number;
}

/**
 * The same queue, as the dispatcher needs it. Every call is committed when it returns, and throws
 * StoreFailed, with nothing changed, where the disk does not take it.
 */
export interface CommandOutbox {
  /** Waiting commands of one pane in the order in which they are to be served. */
  waiting(lane: string): StoredCommand[];
  /** The lanes (`laneOf` a pane's identity) that have waiting commands. */
  lanes(): string[];
  /** `queued` → `sending`. False where it is no longer queued or has expired. */
  begin(id: string): boolean;
  /**
   * `sending` → final, or `queued` → `failed` (nothing was typed), with its one final event. Changes
   * nothing where it has ended meanwhile, as by being cancelled.
   * @throws {CommandNotFound}
   */
  finish(id: string, outcome: CommandOutcome): void;
  /** An answer to this dialog was typed, or may have been. */
  isAnswered(key: string, dialog: string): boolean;
  /** `sending` → `queued`: surely nothing was typed, and it may be tried again. */
  putBack(id: string): void;
  /** Expires what is due; answers the next moment at which something expires, or null. */
  expire(now: number): number | null;
  /** After a crash: what was `sending` becomes `unknown`. Answers how many. */
  recover(): number;
  onChange(listener: (command: StoredCommand) => void): Stop;
}

/**
 * Types into panes, each call one step inside the tmux server: pane id, pane pid and the guard are
 * checked there and then. `blocked`: a guarded text is showing, nothing was typed. `gone`: another
 * pane life, nothing was typed.
 * @throws {TypingUnknown} where the connection was lost before tmux answered: it may have been typed.
 */
export interface Typist {
  /** Leaves copy mode, and pastes the text as one bracketed paste. */
  paste(
    target: PaneIdentity,
    text: string,
    guard: TypingGuard,
  ): Promise<'typed' | 'blocked' | 'gone'>;
  /** Presses keys by their tmux names, such as `Enter`, `Escape`, `Down`, `1`. */
  press(
    target: PaneIdentity,
    keys: readonly string[],
    guard: TypingGuard,
  ): Promise<'typed' | 'blocked' | 'gone'>;
}

export interface PaneReader {
  /** Null where that pane life is over. @throws {TmuxFailed} */
  read(target: PaneIdentity, kind: AgentKind): Promise<Reading | null>;
}

/**
 * What an agent's hook posts, as far as it is understood. The names are the agents' own: Claude
 * Code's, which Codex uses too, and those of Codex's older `notify` program.
 */
export interface HookPayload {
  hook_event_name?: string;
  session_id?: string;
  transcript_path?: string;
  cwd?: string;
  /** In a subagent. */
  agent_id?: string;
  /** Codex only. */
  turn_id?: string;
  prompt?: string;
  tool_name?: string;
  tool_use_id?: string;
  tool_input?: unknown;
  notification_type?: string;
  message?: string;
  error?: string;
  last_assistant_message?: string | null;
  background_tasks?: unknown[];
  type?: string;
  'thread-id'?: string;
  'input-messages'?: unknown[];
}

/** Where a hook says that it comes from. */
export interface HookOrigin {
  /** The pane's id; empty from outside of tmux, null where it does not say. */
  pane: string | null;
  /** The process id of the pane's tmux server, or null where it does not say. */
  serverPid: number | null;
  /** The kind of agent whose hook it is; null where it does not say. */
  agent: string | null;
}

export interface HookDesk {
  /**
   * Takes in what a hook tells, and answers the session whose agent tells it; null where it is no
   * watched one, which is dropped. Never throws for it.
   */
  take(payload: HookPayload, origin: HookOrigin): NamedLife | null;
}

/** What the agents' own hooks say of what was typed into them. */
export interface HookedPrompts {
  /** Whether the agent in that pane was given this text, `since` on the clock that nobody sets. */
  submitted(target: PaneIdentity, text: string, since: number): boolean;
}

export interface ScreenListener {
  shown(screen: Screen): void;
  /** It is over: the pane is no more, or cannot be read. */
  gone(reason: string): void;
}

/** Lets dev tools look at the live actors. */
export interface Inspector {
  /**
   * Tells a viewer of every actor that lives, and then of all that happens, in messages of the
   * Stately inspector. The viewer must not throw.
   */
  join(viewer: (message: string) => void): Stop;
}

/** The figures for Prometheus. */
export interface Metrics {
  /** The media type of what `text` answers. */
  readonly contentType: string;
  /** All figures as they are now. */
  text(): Promise<string>;
}

/** The state machines that run here, for editors, charts and people. */
export interface Machines {
  list(): { id: string; states: string[]; events: string[] }[];
  /** The definition as JSON, as the Stately editor takes it. @throws {MachineNotFound} */
  definition(id: string): unknown;
  /** Drawn, with the states of `value` lit. @throws {MachineNotFound} */
  svg(id: string, value?: unknown): Promise<string>;
  /** What a stored snapshot says: where it is, what it knows, and which events may come next. */
  look(id: string, stored: unknown): MachineLook;
}

export interface MachineLook {
  value: unknown;
  context: Record<string, unknown>;
  next: string[];
}
