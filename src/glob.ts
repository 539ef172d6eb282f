/**
 * Whether `text` is matched as a whole by `pattern`: `*` stands for any run of characters, `?` for
 * exactly one, everything else for itself. It goes back to the last `*` only, never to an earlier
 * one, so the steps are bounded by the product of both lengths whatever the pattern.
 */
export const matchesGlob = (pattern: string, text: string): boolean => {
  const wanted = [...pattern];
  const given = [...text];
  let at = 0;
  let seen = 0;
  let star = -1;
  let seenAtStar = 0;
  while (seen < given.length) {
    if (wanted[at] === '*') {
      star = at;
      seenAtStar = seen;
      at += 1;
    } else if (wanted[at] === '?' || wanted[at] === given[seen]) {
      at += 1;
      seen += 1;
    } else if (star >= 0) {
      at = star + 1;
      seenAtStar += 1;
      seen = seenAtStar;
    } else {
      return false;
    }
  }
  return wanted.slice(at).every((character) => character === '*');
};
