/** Marks that more than one part of Claude Code's profile goes by. */

/** One symbol, as the spinner has it, followed by a space. Bullets, prompts and frames are none. */
const GLYPH = '[^\\s\\p{L}\\p{N}●○⏺◯∴❯›>│┃⎿├└╭╰─╌▔▎☐☒✔◻◼!#/\\\\\\[(]';

export const spinner = (text: string) => new RegExp(`^${GLYPH} ${text}`, 'u');

export const BUSY_TITLE = /^[◐◑◒◓⠀-⣿]/u;
export const IDLE_TITLE = /^✳/u;

export const DONE = spinner("\\p{L}[\\p{L}'’ -]{1,40} for (?:\\d+[hms] ?)+(?:·|$)");

/** What a call's name is followed by. In a sentence about `main(args)` the words go on behind it. */
export const ARGUMENTS = '\\((?![^()]*\\)(?:[,;:.]|[,;:.]? \\p{Ll}))';
