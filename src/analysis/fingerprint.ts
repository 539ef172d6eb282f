/** Short texts that stand for long ones. */

import { hash } from 'node:crypto';
import type { Pattern } from './profile.ts';

/**
 * What a screen says, as far as it is more than drawing: the same at any width, and whatever its
 * clocks show.
 */
export const fingerprintOf = (
  lines: readonly string[],
  volatile: readonly Pattern[] = [],
): string => {
  const told = lines.map((line) => volatile.reduce((text, each) => text.replace(each, ''), line));
  const text = told.join('\n').replace(TIMES, '');
  return shortHash(text.replace(DRAWING, '').slice(-MAX_CHARACTERS));
};

/** Exactly what is asked: another word, another id. Only where it is wrapped does not matter. */
export const identityOf = (lines: readonly string[]): string =>
  shortHash(lines.join('\n').replace(/\s+/g, ' '));

/** What changes at the top of a long screen is its scrolling; what is new stands at the bottom. */
const MAX_CHARACTERS = 2000;

/** `3s`, `1.2s`, `5m`: what a clock changes. Bounded, so that no line of digits costs more. */
const TIMES = /(?<![\d.])\d{1,9}(?:\.\d{1,9})?(?:ms|[hms]\b)/g;

/**
 * Wrapping, rules as wide as the pane, and marks that blink or turn while something runs. In one class
 * they would take three times as long.
 */
const DRAWING = /[\s─╌▔]+|[●○◦•⏺◉◎⊶⊷◐◑◒◓⠁-⣿]/g;

const shortHash = (text: string): string => hash('sha1', text).slice(0, 16);
