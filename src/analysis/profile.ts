/**
 * What a profile is made of: how one kind of agent draws its screen, and ordered rules that say
 * what the drawing means. Data only; `classify.ts` is the one that reads it.
 */

import type {
  Activity,
  AgentKind,
  Attention,
  Composer,
  ToolSighting,
} from '../../machines/vocabulary.ts';

/**
 * The parts of a screen that rules look at.
 *
 * - `title`: the pane's title. `command`: its foreground program.
 * - `screen`: every line. `last`: the last line that is not blank.
 * - `transcript`: what stands above the input box, or everything where there is none.
 * - `turn`: the transcript below the user's last prompt.
 * - `tail`: the transcript's last block: its head, flush left, and what is indented below it.
 * - `head`: the first line of that block. `below`: the line directly below it, maybe blank.
 * - `outcome`: the block that the turn ended with: the last one, or where that is only a line that
 *   closes the turn the one above it.
 * - `composer`: the input box's lines, with its prompt. `footer`: what stands below it.
 */
export type Region =
  | 'title'
  | 'command'
  | 'screen'
  | 'last'
  | 'transcript'
  | 'turn'
  | 'tail'
  | 'head'
  | 'below'
  | 'outcome'
  | 'composer'
  | 'footer';

/**
 * A regular expression as profiles use it. Built-in profiles hold JavaScript's own, users' profiles
 * an engine whose cost is linear in the text.
 */
export interface Pattern {
  test(text: string): boolean;
  exec(text: string): PatternMatch | null;
  /** What `text.replace(pattern, by)` asks. */
  [Symbol.replace](text: string, by: string): string;
}

interface PatternMatch {
  readonly [group: number]: string | undefined;
  readonly groups?: Readonly<Record<string, string | undefined>> | undefined;
}

export type Condition =
  | { region: Region; line: Pattern }
  | { region: Region; without: Pattern }
  | { composer: readonly Composer['content'][] };

/** The agent has its input box on the screen, whatever stands in it. */
export const AT_PROMPT: Condition = { composer: ['empty', 'placeholder', 'draft', 'paste'] };

/**
 * A shell's prompt at the left edge: whoever drew the input box above it is gone. A status line of
 * the user's own may stand there too, but does not end like this.
 */
export const SHELL_PROMPT: RegExp = /^(?=\S).*(?:[$#❯»>]|(?<!\d\s?)%)$/u;

/** An option by which one agrees to what is asked, or refuses it. */
export const CONSENT: RegExp =
  /^(?:yes|no|allow|approve|accept|proceed|don['’]t allow|deny|reject|decline|disallow)\b/i;

/** The first rule whose conditions all hold decides. */
export interface Rule {
  name: string;
  when: readonly Condition[];
  /** `turn`: reading or working, by what the tools seen in this turn have done. */
  activity: Activity | 'turn';
  reason: string;
  attention?: Attention;
  /** Something runs that may be silent for long, though no tool line says so. */
  toolRunning?: boolean;
}

/** How the input box stands on the screen. */
export interface ComposerMarks {
  /**
   * `rules`: between two rule lines; `open`: the last prompt line and what follows it; `last`: the
   * last line, where it is a prompt; `bar`: above a closing bar.
   */
  frame: 'rules' | 'open' | 'last' | 'bar';
  /** The box's first line; group 1 is what is typed into it. */
  prompt: Pattern;
  /** What the agent itself writes into an empty box. */
  placeholder: Pattern;
  /** A line below the box that is shown only while nothing is typed: what stands there is no draft. */
  untouched?: Pattern;
  /** What stands for a long paste. */
  paste: Pattern;
  /** With `bar`: the line that closes the box, and the line of the box that is no input. */
  bar?: { closing: Pattern; mode: Pattern };
  /** A line below the box that shows that it is not, or no longer, where the agent's input goes. */
  abandoned?: Pattern;
}

/** How what was said and done is drawn. */
export interface TranscriptMarks {
  /** The user's own prompt: a turn begins. */
  prompt?: Pattern;
  /** The two lines above a prompt, where that alone does not tell it. */
  lead?: Pattern;
  /** The first line of a block. */
  blockHead: Pattern;
  /** The head of the last block where that is no part of the transcript: the spinner and its kin. */
  status?: Pattern;
  /** A line that closes a turn and tells how long it took, as a block of its own. */
  closing?: Pattern;
}

export interface DialogRule {
  name: string;
  attention: Exclude<Attention, 'none'>;
  /** Matched against the dialog's first lines, down to the question. */
  opening?: Pattern;
  question?: Pattern;
  /** Matched against each option's label; one must match. */
  option?: Pattern;
  /** True where the dialog interrupts a turn that has a tool call pending. */
  pending?: boolean;
}

/** How dialogs are drawn. */
export interface DialogMarks {
  /** What encloses a dialog's lines, if it is drawn as a box; `right` is a set of characters. */
  border?: { left: Pattern; right: string };
  /** A line that shows, where no upper edge is in sight, that what stands below it is no dialog. */
  foreign?: Pattern;
  /**
   * The first line of what it asks about, below its question, where no frame is around that: the
   * words in it are none of the agent's.
   */
  content?: Pattern;
  /** Stands before the chosen option: any of these characters; null where only its colour tells. */
  cursor: string | null;
  /**
   * Parts of rows of which at least one is on the screen while a dialog is open. Nothing is typed in
   * the moment in which one appears, so they are such as no prompt holds.
   */
  shown: readonly string[];
  /** The line that says which keys answer. */
  hint: Pattern;
  /** Lines that may stand below a dialog's last line. */
  below: Pattern;
  /** The option's number chooses it at once, or the key in brackets behind its label does. */
  keys: 'number' | 'bracket';
  /**
   * How questions are answered with several options, or with a text; left out where that is not
   * known. Enter ticks the option under the cursor, or takes the tick away, and what is typed while
   * the cursor stands on `text` stands in its place.
   */
  answered?: {
    /** The label of the option that takes a text. */
    text: Pattern;
    /** The row below the ticks that goes on with what is ticked. */
    submit: Pattern;
    /** What changes in a question's rows while it is being answered. Each with the flag `g`. */
    volatile: readonly Pattern[];
  };
  /** Options side by side without numbers, on a line with keys, which look like this. */
  inlineKeys?: Pattern;
  rules: readonly DialogRule[];
}

export interface NamedTool {
  tool: ToolSighting['tool'];
  line: Pattern;
}

export interface ResultMark extends NamedTool {
  /** A result of the tool `other` that may have changed things. */
  changes?: boolean;
}

/** Groups `target` and `count` of `line`, both optional, tell what and how many. */
export interface CallMark extends ResultMark {
  /** What the row below must look like, where the line alone might be prose. */
  below?: Pattern;
  /** The target is a list, parted by commas: a call each. */
  listed?: boolean;
}

/** How tool calls are drawn. */
export interface ToolMarks {
  calls: readonly CallMark[];
  /** Results that tell which call they are of, for calls whose head has scrolled away. */
  results?: readonly ResultMark[];
  /** A line that sums several calls up, its parts separated by commas. */
  group?: {
    /** Group 1 is the list of parts. */
    line: Pattern;
    /** Group `count`, without which it is one; of `think`, `minutes` and `seconds`. */
    parts: readonly NamedTool[];
    /** Headings that name what is being done instead of counting it. */
    doing: readonly NamedTool[];
    /** The line below a group that still grows: group 1 is what it is at. */
    current: Pattern;
    /** A group that will go on; nothing is known of it while it has nothing below it. */
    growing?: Pattern;
    /** The last line of the transcript while the latest call waits for a person. */
    waiting?: Pattern;
    /** What `current` looks like where it is a shell command: group 1 is the command. */
    command: Pattern;
  };
  /** A call that runs, on its own line or on its result's. */
  running: Pattern;
  /**
   * What has come of a call stands on the line below it; without that it is pending. There: it
   * waits for a person, it has failed, or it never ran.
   */
  result?: { line: Pattern; waiting: Pattern; failed: Pattern; refused: Pattern };
}

/** What tells that a pane's program is such an agent. */
export interface Identity {
  /** Names of its program, or of the script that an interpreter runs. */
  programs: readonly string[];
  /** Names of the interpreters that may run it, where they are not JavaScript's. */
  runBy?: Pattern;
  /** Packages whose scripts it is started by, such as `@acme/agent`. */
  packages: readonly string[];
  /** Titles that it gives its terminal; asked only where its process is out of sight. */
  titles: readonly Pattern[];
}

/**
 * What tells that a screen that someone hands over is of such an agent, at the columns at which it
 * draws.
 */
export interface Drawing {
  /** Glyphs, which others may use too. */
  signs: readonly Pattern[];
  /** Its own banners, keys and tools, which weigh twice. */
  words: readonly Pattern[];
  /** An input box between two rule lines: its first line, and the line below it. */
  frame?: { prompt: Pattern; below: Pattern };
}

/** Parts that a kind does not draw, or that cannot be read off its screen, are left out. */
export interface Profile {
  kind: AgentKind;
  foundBy?: Identity | undefined;
  drawn?: Drawing | undefined;
  /** The pane's title while a turn is running, where the agent says so there. */
  busyTitle?: Pattern;
  /** What interrupts its turn, as tmux names keys; without it, one `Escape`. */
  interruptKeys?: readonly string[];
  composer?: ComposerMarks;
  transcript?: TranscriptMarks;
  dialog?: DialogMarks;
  tools?: ToolMarks;
  todos?: {
    /** One line of the agent's task list; `done`, `doing` and `open` are its marks. */
    line: Pattern;
    /** A summary of the list: groups `done` and `total`. */
    summary: Pattern;
  };
  rules: readonly Rule[];
  /** Taken out before two screens are compared, as times are. Each with the flag `g`. */
  volatile?: readonly Pattern[];
}

/** The profile of each kind of agent. */
export type Profiles = Readonly<Record<string, Profile>>;

/** A kind may be named as anything is, also like what every object has. */
export const profileOf = (profiles: Profiles, kind: AgentKind): Profile | undefined =>
  Object.hasOwn(profiles, kind) ? profiles[kind] : undefined;
