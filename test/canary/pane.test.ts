import { homedir, tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { openPane } from '../../canary/pane.ts';

it.each(['', '.', homedir()])(
  'opens none for a HOME that is not the program’s own: "%s"',
  async (home) => {
    const opening = openPane({
      ...{ folder: tmpdir(), argv: ['true'], cwd: tmpdir(), home, env: {} },
      ...{ width: 80, height: 24 },
    });
    await expect(opening).rejects.toThrow("is no HOME of a program's own");
  },
);
