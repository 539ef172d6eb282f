import { expect, it } from 'vitest';
import {
  colouredScreens,
  judge,
  type RecordedScreen,
  recordedScreens,
} from '../../accuracy/screens.ts';
import { answerGuard, enterGuard } from '../../machines/typing-guard.ts';
import { PROFILES } from '../../src/analysis/profiles/index.ts';
import { createPaneReader } from '../../src/pane-reader.ts';
import { TARGET } from '../support/commands.ts';

const read = async (screen: RecordedScreen) => {
  const reader = createPaneReader({
    tmux: {
      see: async () => ({
        ...{ text: screen.text, title: '', width: 300, height: 50, command: '', panePid: 100 },
        ...{ dead: false, deadStatus: null, at: 0 },
      }),
    },
    sight: { judge: async () => judge(screen) },
    profiles: PROFILES,
  });
  const reading = await reader.read(TARGET, screen.kind);
  if (reading === null) throw new Error('the pane is gone');
  return reading;
};

const readings = await Promise.all([...recordedScreens(), ...colouredScreens()].map(read));

it('gives looks whose dialogs are told by rows that are on the screen', () => {
  const asking = readings.filter(({ verdict }) => verdict.dialog !== null);
  expect(asking.length).toBeGreaterThan(30);
  for (const reading of asking)
    for (const row of answerGuard(reading).present) expect(reading.text.split('\n')).toContain(row);
});

it('gives looks whose drafts are told by rows that are on the screen', () => {
  const typed = readings.filter(({ verdict: { composer } }) => composer.text !== '');
  expect(typed.length).toBeGreaterThan(30);
  for (const reading of typed)
    for (const row of enterGuard(reading).present) expect(reading.text.split('\n')).toContain(row);
});

it('says which keys interrupt that kind of agent', async () => {
  const [first] = recordedScreens();
  if (first === undefined) throw new Error('there is no screen');
  const keysOf = async (kind: string) => (await read({ ...first, kind })).interruptKeys;
  expect(await keysOf('copilot')).toEqual(['Escape', 'Escape']);
  expect(await keysOf('codex')).toEqual(['Escape']);
  expect(await keysOf('nobody-knows')).toEqual(['Escape']);
});
