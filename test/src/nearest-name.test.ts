import { expect, it } from 'vitest';
import { nearestName } from '../../src/nearest-name.ts';

const NAMES = ['DATA_DIR', 'STUCK_AFTER_SECONDS', 'STUCK_TOOL_SECONDS', 'SESSIONS', 'API_PORT'];

it.each([
  ['DATA_DIR', 'DATA_DIR'],
  ['DATADIR', 'DATA_DIR'],
  ['DATA_DIRR', 'DATA_DIR'],
  ['SESSION', 'SESSIONS'],
  ['API_PROT', 'API_PORT'],
  ['STUK_AFTER_SECOND', 'STUCK_AFTER_SECONDS'],
  ['STUCK_TOOLS_SECONDS', 'STUCK_TOOL_SECONDS'],
  ['COLOUR', null],
  ['', null],
])('%s is taken for %s', (name, expected) => {
  expect(nearestName(name, NAMES)).toBe(expected);
});

it('knows none where there is none', () => {
  expect(nearestName('SESSIONS', [])).toBeNull();
});
