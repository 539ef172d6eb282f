/** `open`: how a browser comes in. */

import type { Client } from '../client.ts';
import { Failure } from './failure.ts';
import { printable, type Terminal } from './terminal.ts';

/** Prints a link for one browser. It opens none: what a program is started with, all users can see. */
export const open = async (
  { api, terminal }: { api: Client; terminal: Terminal },
  { readOnly, at }: { readOnly?: boolean; at?: string },
): Promise<void> => {
  const { url } = await api.makeLoginCode({ scope: readOnly ? 'read' : 'full' });
  await terminal.out(`${printable(at === undefined ? url : moved(url, at))}\n`);
};

const moved = (url: string, at: string): string => {
  const { pathname, hash } = new URL(url);
  if (!/^https?:\/\//.test(at) || !URL.canParse(at)) {
    throw new Failure(`${at} is no address such as https://monitor.example`);
  }
  return new URL(`${pathname}${hash}`, at).href;
};
