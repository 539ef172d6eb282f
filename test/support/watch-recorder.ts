/** A watch's listener that keeps what it was told, and waits for what it is to be told. */

import { vi } from 'vitest';
import type { Look, WatchListener } from '../../actors/ports.ts';
import { PATIENCE } from './patience.ts';

export interface WatchRecorder extends WatchListener {
  readonly looks: Look[];
  readonly connections: ('attached' | 'shared')[];
  readonly closings: { cause: 'gone' | 'lost'; detail: string }[];
  /** Resolves with the first look, of all that came or come, that passes. */
  look(passes: (look: Look) => boolean): Promise<Look>;
  connection(by: 'attached' | 'shared'): Promise<void>;
  closing(): Promise<'gone' | 'lost'>;
}

export const recordWatch = (): WatchRecorder => {
  const looks: Look[] = [];
  const connections: ('attached' | 'shared')[] = [];
  const closings: { cause: 'gone' | 'lost'; detail: string }[] = [];

  return {
    looks,
    connections,
    closings,
    looked: (look) => void looks.push(look),
    connected: (by) => void connections.push(by),
    closed: (cause, detail) => void closings.push({ cause, detail }),
    look: (passes) =>
      vi.waitFor(() => {
        const found = looks.find(passes);
        if (found !== undefined) return found;
        throw new Error(
          `no such look; ${JSON.stringify({ connections, closings, last: looks.at(-1) })}`,
        );
      }, PATIENCE),
    connection: (by) =>
      vi.waitFor(() => {
        if (!connections.includes(by)) throw new Error(`never ${by}; was ${connections}`);
      }, PATIENCE),
    closing: () =>
      vi.waitFor(() => {
        const last = closings.at(-1);
        if (last === undefined) throw new Error('not closed');
        return last.cause;
      }, PATIENCE),
  };
};
