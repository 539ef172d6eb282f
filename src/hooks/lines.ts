/** Splits what is read of a growing file into its lines, however it is cut into pieces. */

export interface Lines {
  /** The lines that this piece completes. */
  push(piece: Buffer): string[];
  /** Forgets the unfinished line: what follows is read from the start of a file. */
  reset(): void;
}

/** @param maxBytes a longer line is left out. */
export const createLines = (maxBytes: number): Lines => {
  /** The pieces of the unfinished line; null where it has become too long. */
  let begun: Buffer[] | null = [];
  let size = 0;

  const reset = () => {
    begun = [];
    size = 0;
  };

  const add = (piece: Buffer) => {
    size += piece.length;
    if (size > maxBytes) begun = null;
    else begun?.push(piece);
  };

  return {
    push: (piece) => {
      const lines: string[] = [];
      let start = 0;
      for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
        add(piece.subarray(start, end));
        if (begun) lines.push(Buffer.concat(begun).toString('utf8'));
        reset();
        start = end + 1;
      }
      // Copied: the piece's memory is used again for the next one.
      if (start < piece.length) add(Buffer.from(piece.subarray(start)));
      return lines;
    },
    reset,
  };
};

const NEWLINE = 0x0a;
