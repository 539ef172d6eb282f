import { expect, it } from 'vitest';
import { claudeCode } from '../../canary/clis/claude-code.ts';
import type { Stage } from '../../canary/stage.ts';
import { open } from '../../canary/steps.ts';

/** An agent that draws its prompt at so many a waiting for it. */
const starting = (drawnAt: number) => {
  const looks: string[] = [];
  let waits = 0;
  const stage: Pick<Stage, 'cli' | 'untilQuiet' | 'shows' | 'look' | 'pause'> = {
    cli: { ...claudeCode, openings: [] },
    untilQuiet: async () => {
      waits += 1;
      const text = waits < drawnAt ? 'Database migration complete.' : '> ';
      return { text, ansi: text, title: '', command: '', width: 80, height: 24, dead: false };
    },
    shows: async () => waits >= drawnAt,
    look: async (state) => {
      looks.push(`${state} after ${waits}`);
    },
    pause: async () => {},
  };
  return { stage: stage as Stage, looks };
};

it('takes no screen for the first prompt that stands still for a while before it', async () => {
  const { stage, looks } = starting(3);
  await open(stage);
  expect(looks).toEqual(['fresh after 3']);
});
