/** The time that the page shows: it moves once a second, for all who show it together. */

import { signal } from '@preact/signals';

/** Milliseconds since the epoch. */
export const now = signal(Date.now());

setInterval(() => {
  now.value = Date.now();
}, 1_000);
