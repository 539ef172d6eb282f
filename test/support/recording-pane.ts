/** A pane with the recording program in it, and what it has been given so far. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { PaneIdentity } from '../../machines/vocabulary.ts';
import type { TestTmux } from './tmux.ts';
import { until } from './until.ts';

export interface RecordingPane extends AsyncDisposable {
  readonly target: PaneIdentity;
  /** Every byte so far. */
  bytes(): Promise<Buffer>;
  /** Waits until it has been given so many bytes, and answers all of them. */
  given(length: number): Promise<Buffer>;
}

export const startRecordingPane = async (
  tmux: TestTmux,
  { name, echo = false }: { name?: string; echo?: boolean } = {},
): Promise<RecordingPane> => {
  const folder = await mkdtemp(join(tmpdir(), 'am-recording-'));
  const file = join(folder, 'bytes');
  const program = resolve(import.meta.dirname, 'recording-program.ts');
  const session = await tmux.newSession({
    ...(name === undefined ? {} : { name }),
    command: [process.execPath, program, file, ...(echo ? ['--echo'] : [])],
  });
  const { sessionId, paneId, panePid } = session;
  await until('the recording program is ready', async () =>
    (await tmux.run('capture-pane', '-p', '-t', paneId)).includes('ready') ? true : null,
  );
  const bytes = (): Promise<Buffer> => readFile(file).catch(() => Buffer.alloc(0));
  return {
    target: { server: await tmux.identity(), sessionId, paneId, panePid },
    bytes,
    given: (length) =>
      until(`${length} bytes were given`, async () => {
        const found = await bytes();
        return found.length >= length ? found : null;
      }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
};
