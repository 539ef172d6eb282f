/** What typing asks of a recorded screen: the composer's content, and how a dialog gives itself away. */

import { describe, expect, it } from 'vitest';
import {
  colouredScreens,
  judge,
  type RecordedScreen,
  recordedScreens,
} from '../../../accuracy/screens.ts';
import { AGENT_KINDS } from '../../../machines/vocabulary.ts';
import { dialogMarksOf } from '../../../src/analysis/dialog-marks.ts';

const screens = [...recordedScreens(), ...colouredScreens()];

const marksOn = ({ kind, text }: RecordedScreen): string[] =>
  dialogMarksOf(kind).filter((mark) => text.replaceAll('\u00a0', ' ').includes(mark));

describe('the marks of a dialog', () => {
  const withDialog = recordedScreens().filter((screen) => judge(screen).dialog !== null);
  const atPrompt = recordedScreens().filter(
    (screen) => judge(screen).composer.content !== 'absent',
  );

  it('are on every recorded screen that shows one', () => {
    expect(withDialog.length).toBeGreaterThan(30);
    expect(withDialog.filter((screen) => marksOn(screen).length === 0)).toEqual([]);
  });

  it('are on no recorded screen that shows a composer', () => {
    expect(atPrompt.length).toBeGreaterThan(100);
    expect(atPrompt.filter((screen) => marksOn(screen).length > 0)).toEqual([]);
  });

  it('are known for every kind but a plain shell', () => {
    const without = AGENT_KINDS.filter((kind) => dialogMarksOf(kind).length === 0);
    expect(without).toEqual(['generic']);
  });
});

it('the rows of a dialog stand on the screen as they are told, and hold what is asked', () => {
  for (const screen of recordedScreens()) {
    const { dialog, dialogRows } = judge(screen);
    const shown = screen.text.replaceAll('\u00a0', ' ').replace(/\ufe0e|\ufe0f|\u200b/g, '');
    if (dialog === null) expect(dialogRows).toEqual([]);
    else {
      for (const row of dialogRows) expect(shown).toContain(row);
      for (const { label } of dialog.options) {
        const words = label.split(' ').slice(0, 2).join(' ');
        expect(dialogRows.join('\n').replace(/\s+/g, ' ')).toContain(words);
      }
    }
  }
});

it('a dialog is told to be cut where it begins on the first row, in the middle of what it shows', () => {
  const cut = recordedScreens().filter((screen) => judge(screen).dialogIsCut);
  expect(cut.length).toBeGreaterThan(0);
  // A line of a file with its number, whose title has left the screen.
  for (const { text } of cut) expect(text).toMatch(/^ *\d+ /);
});

describe('the composer', () => {
  it.each([
    ['codex/0.169.0/15-idle.ansi', 'placeholder'],
    ['codex/0.169.0/59-input-paste-40-lines.txt', 'draft'],
    ['copilot/1.0.102/09-complete.ansi', 'empty'],
    ['copilot/1.0.102/12-typing-while-working.ansi', 'draft'],
    ['copilot/1.0.102/22-input-paste-40-lines.txt', 'paste'],
    ['gemini-cli/0.61.0/09-complete-later.ansi', 'placeholder'],
    ['gemini-cli/0.61.0/15-typing-while-working.txt', 'draft'],
    ['gemini-cli/0.61.0/30-input-paste-40-lines.txt', 'paste'],
    ['opencode/1.18.33/01-idle.ansi', 'placeholder'],
    ['opencode/1.18.33/09-complete.ansi', 'empty'],
    ['opencode/1.18.33/32-input-paste-40-lines.txt', 'paste'],
    ['qwen-code/0.24.4/01-idle.ansi', 'placeholder'],
    // What it suggests is told from what a person wrote by its colour alone.
    ['qwen-code/0.24.4/09-complete.ansi', 'placeholder'],
    ['qwen-code/0.24.4/12-typing-while-working.ansi', 'draft'],
    ['qwen-code/0.24.4/28-input-paste-40-lines.txt', 'paste'],
  ])('of %s holds: %s', (file, content) => {
    const screen = screens.find((each) => each.file === file);
    expect(screen && judge(screen).composer.content).toBe(content);
  });
});
