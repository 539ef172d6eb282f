/** Writes one tmux command as one line of control mode. */

/** A tmux command and its arguments, as an argv would hold them. */
export type Command = readonly [name: string, ...args: string[]];

/**
 * The command as a line without its newline. Single quotes keep `\ $ ~ # ; { }` from meaning
 * anything; a newline would end the line even inside them, so it stands between quotes as `\n`.
 * @throws {RangeError} for an argument with NUL, which tmux cannot carry.
 */
export const commandLine = ([name, ...args]: Command): string =>
  [name, ...args.map(quote)].join(' ');

const quote = (text: string): string => {
  if (text.includes('\0')) throw new RangeError('tmux cannot take an argument that contains NUL');
  return `'${text.replaceAll("'", "'\\''").replaceAll('\n', "'\\n'")}'`;
};
