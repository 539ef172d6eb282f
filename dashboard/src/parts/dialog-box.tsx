import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Dialog } from '../../../machines/vocabulary.ts';
import { plain } from '../format.ts';
import { mayAct } from '../monitor/feed.ts';
import { WANTS } from '../monitor/needs.ts';
import { notify } from '../monitor/notices.ts';
import { answer, type Tell, textLostWith, type Wanted } from './answering.ts';
import { DialogAbout } from './dialog-about.tsx';
import { DialogOptions } from './dialog-options.tsx';
import { whyOff } from './look-only.tsx';

/**
 * What an agent asks, with its own options as buttons. An answer is bound to this very dialog: where
 * another one is open by then, the monitor refuses it. The box goes when the monitor says that the
 * dialog is gone, not before.
 */
export const DialogBox = ({ session, dialog }: { session: string; dialog: Dialog }) => (
  // The same question asked again is another dialog.
  <Answerable key={`${dialog.id} ${dialog.since}`} session={session} dialog={dialog} />
);

const Answerable = ({ session, dialog }: { session: string; dialog: Dialog }) => {
  const answering = useSignal<Answering>({ chosen: null, problem: '' });
  const { chosen, problem } = answering.value;
  const { attention, options } = dialog;
  const box = useRef<HTMLFieldSetElement>(null);
  useLayoutEffect(
    () => () => {
      keepFocus(box.current, session);
      const text = answering.peek().chosen === null ? textLostWith(session, dialog) : '';
      if (text !== '') notify(`${plain(session)}: The question has gone. You wrote: ${text}`);
    },
    [],
  );
  const tell: Tell = (problem, isAbout) => {
    answering.value = { chosen: null, problem };
    // What is said in a box that goes is said to nobody.
    if (isAbout === 'a dialog that has gone' || box.current === null)
      notify(`${plain(session)}: ${problem}`);
  };
  const choose = (wanted: Wanted, by: string): void => {
    answering.value = { chosen: by, problem: '' };
    void answer(session, dialog, wanted, tell);
  };
  return (
    <fieldset class="dialog" ref={box} disabled={!mayAct.value} aria-describedby={whyOff()}>
      <legend class="sr-only">
        {plain(session)} waits for {WANTS[attention]}
      </legend>
      <DialogAbout session={session} dialog={dialog} />
      {attention === 'other-dialog' || options.length === 0 ? (
        <p class="hint">This is to be answered in its terminal.</p>
      ) : (
        <DialogOptions session={session} dialog={dialog} chosen={chosen} answer={choose} />
      )}
      {problem !== '' && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  );
};

/** Whoever has answered by keys goes on from there, though the buttons have gone. */
const keepFocus = (box: HTMLElement | null, session: string): void => {
  if (!box?.contains(document.activeElement)) return;
  setTimeout(() => {
    const card = document.querySelector<HTMLElement>(`[data-session="${CSS.escape(session)}"] a`);
    (card ?? document.getElementById('main'))?.focus();
  });
};

interface Answering {
  /** The option that was chosen and is on its way, or has arrived; null where none is. */
  chosen: string | null;
  problem: string;
}
