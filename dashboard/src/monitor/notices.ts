/** What is to be said although what it is about may have gone from the page. */

import { signal } from '@preact/signals';

export interface Notice {
  id: number;
  text: string;
}

/** The oldest first. Each stays until a person takes it away, or too many come after it. */
export const notices = signal<readonly Notice[]>([]);

const MOST = 3;

let told = 0;

export const notify = (text: string): void => {
  told += 1;
  notices.value = [...notices.value, { id: told, text }].slice(-MOST);
};

export const dismiss = (id: number): void => {
  notices.value = notices.value.filter((notice) => notice.id !== id);
};
