/** Cuts a screen into the regions that a profile's rules speak of. */

import type { ComposerMarks, Profile, Region, TranscriptMarks } from './profile.ts';
import { isRule, type Screen } from './screen.ts';

/** The input box: rows of the screen, end exclusive, and the text typed into it. */
export interface Box {
  top: number;
  bottom: number;
  /** The row of the prompt. */
  prompt: number;
  text: string;
  /** It has a frame; without one an older prompt may be taken for it. */
  isDrawn: boolean;
}

export interface Regions {
  screen: Screen;
  box: Box | null;
  lines: Record<Region, readonly string[]>;
}

export const findRegions = (screen: Screen, profile: Profile): Regions => {
  const { lines } = screen;
  const box = profile.composer ? findBox(lines, profile.composer) : null;
  const transcript = box ? lines.slice(0, box.top) : lines;
  const marks = profile.transcript;
  const tail = marks ? findTail(transcript, marks) : [];
  const isClosed = marks?.closing?.test(tail[0] ?? '') === true;
  const above = transcript.slice(0, transcript.length - tail.length);
  const outcome = marks && isClosed ? findTail(above, marks) : tail;
  return {
    screen,
    box,
    lines: {
      title: [screen.title],
      command: [screen.command],
      screen: lines,
      last: [screen.last],
      transcript,
      turn: transcript.slice(turnStart(transcript, profile)),
      tail,
      head: tail.slice(0, 1),
      below: tail.slice(1, 2),
      outcome,
      composer: box ? lines.slice(box.prompt, box.bottom) : [],
      footer: box ? lines.slice(box.bottom) : [],
    },
  };
};

/** The row below the user's last prompt; 0 where none is to be seen. */
export const turnStart = (
  transcript: readonly string[],
  { transcript: marks }: Profile,
): number => {
  const isPrompt = (line: string, row: number) =>
    marks?.prompt?.test(line) && !isQueued(transcript[row + 1]) && isLed(transcript, row, marks);
  return transcript.findLastIndex(isPrompt) + 1;
};

const isLed = (transcript: readonly string[], row: number, { lead }: TranscriptMarks): boolean =>
  !lead || lead.test(`${transcript[row - 2] ?? ''}\n${transcript[row - 1] ?? ''}`);

const findBox = (lines: readonly string[], marks: ComposerMarks): Box | null => {
  const framed = FRAMES[marks.frame](lines, marks);
  const boxed = findBoxed(lines, marks);
  const box = boxed && boxed.top > (framed?.top ?? -1) ? boxed : framed;
  if (!box) return null;
  const isAbandoned = lines.slice(box.bottom).some((line) => marks.abandoned?.test(line));
  return isAbandoned ? null : box;
};

/** In the screen's last box, as older versions draw it: `╭───╮`, `│ > │`, `╰───╯`. */
const findBoxed = (lines: readonly string[], { prompt }: ComposerMarks): Box | null => {
  const lower = lines.findLastIndex((line) => BOX_BOTTOM.test(line));
  let top = lower - 1;
  while (top > 0 && BOX_SIDES.test(lines[top] as string)) top -= 1;
  if (lower < 0 || !BOX_TOP.test(lines[top] as string)) return null;
  // What a dialog shows may be drawn like that too.
  if (lines.slice(lower + 1).some((line) => isRule(line) || DASHED.test(line))) return null;
  const [first = '', ...rest] = lines
    .slice(top + 1, lower)
    .map((line) => line.slice(line.indexOf('│') + 1, -1).trimEnd());
  const typed = prompt.exec(first) ?? prompt.exec(first.replace(/^ /, ''));
  if (!typed) return null;
  const text = [typed[1] ?? '', ...rest.map((line) => line.trim())].join('\n').trim();
  return { top, bottom: lower + 1, prompt: top + 1, text, isDrawn: true };
};

const BOX_TOP = /^ ?[╭┌][─ ]{8}.*[╮┐]$/u;
const BOX_SIDES = /^ ?│.*│$/u;
const DASHED = /^ ?[╌┄]{8}/u;
const BOX_BOTTOM = /^ ?[╰└][─ ]{8}.*[╯┘]$/u;

/** Between the last two rule lines that have a prompt below the upper one. */
const findRuled = (lines: readonly string[], { prompt }: ComposerMarks): Box | null => {
  let lower = -1;
  for (let row = lines.length - 1; row >= 0; row -= 1) {
    if (!isRule(lines[row] as string)) continue;
    const first = lower > row + 1 ? prompt.exec(lines[row + 1] as string) : null;
    if (first) {
      const rest = lines.slice(row + 2, lower).map((line) => line.trim());
      const text = [first[1] ?? '', ...rest].join('\n').trim();
      return { top: row, bottom: lower + 1, prompt: row + 1, text, isDrawn: true };
    }
    lower = row;
  }
  return null;
};

/** The last prompt line, down to the next blank line or edge. */
const findOpen = (lines: readonly string[], { prompt }: ComposerMarks): Box | null => {
  for (let row = lines.length - 1; row >= 0; row -= 1) {
    const first = prompt.exec(lines[row] as string);
    if (!first) continue;
    let bottom = row + 1;
    while (bottom < lines.length && !OPEN_END.test(lines[bottom] as string)) bottom += 1;
    const rest = lines.slice(row + 1, bottom);
    const text = [first[1] ?? '', ...rest.map((line) => line.trim())].join('\n').trim();
    return { top: row, bottom, prompt: row, text, isDrawn: false };
  }
  return null;
};

/** A blank line, or the edge of a box that is drawn by its background alone. */
const OPEN_END = /^(?:\s*[▀▄]{8,})?$/u;

/** The last line that is not blank, and no other. */
const findLast = (lines: readonly string[], { prompt }: ComposerMarks): Box | null => {
  const row = lines.findLastIndex((line) => /\S/.test(line));
  const typed = row < 0 ? null : prompt.exec(lines[row] as string);
  if (!typed) return null;
  const text = (typed[1] ?? '').trim();
  return { top: row, bottom: row + 1, prompt: row, text, isDrawn: false };
};

/** The lines above the closing bar that begin as the box does. */
const findBarred = (lines: readonly string[], { prompt, bar }: ComposerMarks): Box | null => {
  if (!bar) return null;
  const closing = lines.findLastIndex((line) => bar.closing.test(line));
  let top = closing;
  const typed: string[] = [];
  while (top > 0) {
    const line = prompt.exec(lines[top - 1] as string);
    if (!line) break;
    if (!bar.mode.test(lines[top - 1] as string)) typed.unshift((line[1] ?? '').trim());
    top -= 1;
  }
  if (closing < 0 || top === closing) return null;
  const text = typed.join('\n').trim();
  return { top, bottom: closing + 1, prompt: top, text, isDrawn: true };
};

const FRAMES = { rules: findRuled, open: findOpen, last: findLast, bar: findBarred };

/** A prompt that waits for the running turn to end begins none yet. */
const isQueued = (line = ''): boolean => /^\s*[⎿└]\s+(?:Queued\b|\[pending)/.test(line);

/** The last block: from its head, flush left, to the end. Right-aligned hints are no part of it. */
const findTail = (
  transcript: readonly string[],
  { blockHead }: TranscriptMarks,
): readonly string[] => {
  let end = transcript.length;
  for (let row = end - 1; row >= 0; row -= 1) {
    if (!blockHead.test(transcript[row] as string)) continue;
    if (!isQueued(transcript[row + 1])) return transcript.slice(row, end);
    end = row;
  }
  return [];
};
