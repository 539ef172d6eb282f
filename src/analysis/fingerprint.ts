/** One short text for what a screen says, however it is wrapped. */

import { hash } from 'node:crypto';

/** What changes at the top of a long screen is its scrolling; what is new stands at the bottom. */
const MAX_CHARACTERS = 2000;

/** The same for the same text, whatever the width it is wrapped at. */
export const fingerprintOf = (
  lines: readonly string[],
  volatile: readonly RegExp[] = [],
): string => {
  let text = lines.join('\n');
  for (const each of volatile) text = text.replace(each, '');
  return hash('sha1', text.replace(BLANKS, '').slice(-MAX_CHARACTERS)).slice(0, 16);
};

const BLANKS = /[\s●─╌▔]+/g;
