/** The candidate that takes the fewest typing errors to become `name`; null where that are too many. */
export const nearestName = (name: string, candidates: readonly string[]): string | null => {
  const most = Math.max(2, Math.floor(name.length / 4));
  const rated = candidates.map((candidate) => ({ candidate, errors: distance(name, candidate) }));
  const [best] = rated.toSorted((one, other) => one.errors - other.errors);
  return best !== undefined && best.errors <= most ? best.candidate : null;
};

/** How many characters must be put in, left out or changed (Levenshtein). */
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, character] of [...from].entries()) {
    const above = row;
    row = [index + 1];
    for (let column = 1; column <= to.length; column += 1) {
      const changed = (above[column - 1] ?? 0) + (character === to[column - 1] ? 0 : 1);
      row.push(Math.min(changed, (above[column] ?? 0) + 1, (row[column - 1] ?? 0) + 1));
    }
  }
  return row.at(-1) ?? 0;
};
