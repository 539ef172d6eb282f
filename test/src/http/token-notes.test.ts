import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createNotes } from '../../../src/http/notes.ts';
import { rotateToken, tokenPath } from '../../../src/http/token.ts';
import { noteTokens } from '../../../src/http/token-notes.ts';
import { openTokens } from '../../../src/http/tokens.ts';
import { endOfTurn, startStore, type TestStore } from '../../support/store.ts';

let store: TestStore;
let tokens: ReturnType<typeof openTokens>;
beforeEach(() => {
  store = startStore();
  tokens = open();
});
afterEach(() => {
  tokens.stop();
  store[Symbol.dispose]();
});

const OWN = `uid:${process.geteuid?.()}`;

/** As the start of a monitor does. */
const open = () => {
  const opened = openTokens({ dataDir: store.folder, log: store.log });
  const { interactions, clock } = store;
  const notes = createNotes({ interactions, now: clock.now });
  noteTokens({ tokens: opened, interactions, notes });
  return opened;
};

const startAgain = () => {
  tokens.stop();
  tokens = open();
};

/** Without the last part of a token's name, which is made by chance. */
const written = async () => {
  await endOfTurn();
  const rows = store.interactions.page({ limit: 100 }).reverse();
  return rows.map(({ caller, action, detail }) =>
    [caller, action, detail.replace(/ [0-9a-f]{8}$/, '')].join(' '),
  );
};

const FIRST = [`${OWN} token full`, `${OWN} token read`];

it('each token is written down once, however often the monitor starts', async () => {
  expect(await written()).toEqual(FIRST);
  startAgain();
  startAgain();
  expect(await written()).toEqual(FIRST);
});

it('one that was replaced while no monitor ran is written down by the next start', async () => {
  await endOfTurn();
  tokens.stop();
  rotateToken(store.folder, 'read');
  startAgain();
  expect(await written()).toEqual([...FIRST, `${OWN} token read`]);
});

it('one that is taken away is written down, and the one that comes in its place', async () => {
  rmSync(tokenPath(store.folder, 'full'));
  expect(tokens.scopeOf('any')).toBeNull();
  rotateToken(store.folder, 'full');
  expect(tokens.scopeOf('any')).toBeNull();
  expect(await written()).toEqual([...FIRST, 'unknown token full closed', `${OWN} token full`]);
});
