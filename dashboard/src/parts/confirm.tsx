import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

/** Asks before something that cannot be taken back. The key that is at hand, Enter, does nothing. */
export const Confirm = (props: {
  title: string;
  /** What happens then, in a sentence or two. */
  children: ComponentChildren;
  /** The button that does it. */
  does: string;
  /** It was answered: whether it is to be done. */
  onAnswer(isWanted: boolean): void;
}) => {
  const { title, children, does, onAnswer } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="confirm"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onClose={({ currentTarget }) => onAnswer(currentTarget.returnValue === 'yes')}
    >
      <h2 id={`${id}-title`}>{title}</h2>
      <p id={`${id}-text`}>{children}</p>
      <form method="dialog">
        <button type="submit" value="no">
          Cancel
        </button>
        <button type="submit" value="yes" class="danger">
          {does}
        </button>
      </form>
    </dialog>
  );
};
