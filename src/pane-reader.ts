/** A look taken for typing: the coloured screen, judged, and what dialogs of that agent look like. */

import type { Look, PaneReader, Sight } from '../actors/ports.ts';
import type { PaneIdentity } from '../machines/vocabulary.ts';
import { readAnsi } from './analysis/ansi.ts';
import { dialogMarksOf } from './analysis/dialog-marks.ts';
import type { Profiles } from './analysis/profile.ts';

export const createPaneReader = ({
  tmux,
  sight,
  profiles,
}: {
  tmux: { see(target: PaneIdentity): Promise<Look | null> };
  sight: Sight;
  profiles: Profiles;
}): PaneReader => ({
  read: async (target, kind) => {
    const look = await tmux.see(target);
    if (look === null) return null;
    const { text, title, width, height, command } = look;
    const verdict = await sight.judge({ kind, text, title, width, height, command });
    const dialogMarks = dialogMarksOf(kind, profiles);
    const interruptKeys = profiles[kind]?.interruptKeys ?? ESCAPE;
    return {
      ...{ verdict, width, dialogMarks, interruptKeys },
      text: readAnsi(text).lines.join('\n'),
    };
  },
});

const ESCAPE = ['Escape'];
