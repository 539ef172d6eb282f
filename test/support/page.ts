/** The pages of docs/, whose commands and programs are run as they stand. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Block {
  /** What it stands under; with a `#` before it, the page's own title. */
  heading: string;
  body: string;
}

/** @returns the blocks of one language, such as `bash`, in order. */
export const blocksOf = (page: string, language: string): Block[] => {
  const text = readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8');
  const fenced = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms');
  return text.split(/^## /m).flatMap((section) => {
    const [heading = ''] = section.split('\n', 1);
    return [...section.matchAll(fenced)].map(([, body = '']) => ({ heading, body }));
  });
};
