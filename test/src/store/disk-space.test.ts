import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { freeBytesOf } from '../../../src/store/disk-space.ts';

it('finds some room where tests are run, and none where there is no folder', () => {
  expect(freeBytesOf(tmpdir())).toBeGreaterThan(1_000_000);
  expect(() => freeBytesOf('/no/such/folder')).toThrow(/ENOENT/);
});
