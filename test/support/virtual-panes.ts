/** Panes that exist only in the test: a composer that takes pastes and Enters, and who did what when. */

import { TypingUnknown } from '../../actors/errors.ts';
import type { PaneReader, Typist } from '../../actors/ports.ts';
import type { Reading } from '../../machines/command-context.ts';
import type { PaneIdentity, SeenDialog, TypingGuard } from '../../machines/vocabulary.ts';
import { asking, atPrompt, working } from './sights.ts';

export interface VirtualPane {
  readonly target: PaneIdentity;
  draft: string;
  dialog: SeenDialog | null;
  running: boolean;
  state: 'alive' | 'gone' | 'frozen';
  /** What tmux says to the next paste, if not what is true. */
  nextPaste: 'blocked' | 'lost' | null;
  /** Enters that are swallowed before one is taken. */
  swallows: number;
  readonly prompts: string[];
  readonly keys: string[];
}

export interface VirtualPanes {
  typist: Typist;
  reader: PaneReader;
  /** Every text in the order in which it was pasted, whichever the pane. */
  readonly pasted: string[];
  add(paneId: string, panePid?: number): VirtualPane;
}

export const createVirtualPanes = (): VirtualPanes => {
  const panes: VirtualPane[] = [];
  const pasted: string[] = [];
  const forever = new Promise<never>(() => {});

  const find = ({ paneId, panePid }: PaneIdentity): VirtualPane | undefined =>
    panes.find(
      ({ target, state }) =>
        target.paneId === paneId && target.panePid === panePid && state !== 'gone',
    );

  const sightOf = ({ dialog, running, draft }: VirtualPane): Reading => {
    if (dialog) return asking(dialog);
    return running ? working(draft) : atPrompt(draft);
  };

  const press = (pane: VirtualPane, key: string) => {
    pane.keys.push(key);
    if (pane.dialog) pane.dialog = null;
    else if (key === 'Escape') pane.running = false;
    else if (key === 'Enter' && pane.swallows > 0) pane.swallows -= 1;
    else if (key === 'Enter') {
      pane.prompts.push(pane.draft);
      pane.draft = '';
      pane.running = true;
    }
  };

  const typing = async (
    target: PaneIdentity,
    { absent, present }: TypingGuard,
    act: (pane: VirtualPane) => void,
  ): ReturnType<Typist['press']> => {
    const pane = find(target);
    if (!pane) return 'gone';
    const { text } = sightOf(pane);
    const isBlocked =
      absent.some((part) => text.includes(part)) || !present.every((part) => text.includes(part));
    if (isBlocked) return 'blocked';
    act(pane);
    return 'typed';
  };

  return {
    pasted,
    add: (paneId, panePid = 100) => {
      const pane: VirtualPane = {
        target: { server: { pid: 10, startTime: 1000 }, sessionId: '$1', paneId, panePid },
        ...{ draft: '', dialog: null, running: false, state: 'alive', nextPaste: null },
        ...{ swallows: 0, prompts: [], keys: [] },
      };
      panes.push(pane);
      return pane;
    },
    reader: {
      read: async (target) => {
        const pane = find(target);
        if (pane?.state === 'frozen') return forever;
        return pane ? sightOf(pane) : null;
      },
    },
    typist: {
      paste: async (target, text, guard) => {
        const told = find(target)?.nextPaste;
        if (told === 'lost') throw new TypingUnknown('the connection broke');
        if (told === 'blocked') return 'blocked';
        return typing(target, guard, (pane) => {
          pasted.push(text);
          pane.draft += text;
        });
      },
      press: (target, keys, guard) =>
        typing(target, guard, (pane) => {
          for (const key of keys) press(pane, key);
        }),
    },
  };
};
