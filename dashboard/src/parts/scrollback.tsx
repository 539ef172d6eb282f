import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { plain } from '../format.ts';
import { agentPath, get, Problem } from '../monitor/api.ts';
import { drawScreen, widthOf } from '../monitor/rows.ts';

const LINES = 2_000;

/** What has scrolled out of the screen: read once, when somebody asks for it. `width`: of the pane. */
export const Scrollback = ({ session, width }: { session: string; width: number }) => {
  const isOpen = useSignal(false);
  return (
    <>
      <button
        type="button"
        class="quiet apart"
        aria-haspopup="dialog"
        onClick={() => {
          isOpen.value = true;
        }}
      >
        Scrollback
      </button>
      {isOpen.value && <Lines session={session} width={width} isOpen={isOpen} />}
    </>
  );
};

const Lines = (props: { session: string; width: number; isOpen: Signal<boolean> }) => {
  const { session, width, isOpen } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const told = useSignal('Reading the last lines …');
  useEffect(() => {
    dialog.current?.showModal();
    return box.current ? show({ session, width, box: box.current, told }) : undefined;
  }, []);
  return (
    <dialog
      ref={dialog}
      class="scrollback"
      aria-labelledby="scrollback-title"
      onClose={() => {
        isOpen.value = false;
      }}
    >
      <form method="dialog">
        <h2 id="scrollback-title">Scrollback of {plain(session)}</h2>
        <span class="muted" role="status">
          {told.value}
        </span>
        <button type="submit" class="apart">
          Close
        </button>
      </form>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keys */}
      <section class="grid" tabIndex={0} aria-label="Lines">
        <div ref={box} class="rows" />
      </section>
    </dialog>
  );
};

/** Draws the lines into the box, and goes to their end. */
const show = (to: {
  session: string;
  width: number;
  box: HTMLElement;
  told: Signal<string>;
}): (() => void) => {
  const { session, width, box, told } = to;
  let isOver = false;
  let stop = (): void => undefined;
  const read = async (): Promise<void> => {
    try {
      const path = `${agentPath(session)}/output`;
      const [{ createGrid }, { output }] = await Promise.all([
        import('./terminal-grid.ts'),
        get<{ output: string }>(path, { lines: LINES, ansi: 1 }),
      ]);
      if (isOver) return;
      const rows = output.split('\n');
      const grid = createGrid(box);
      stop = grid.stop;
      grid.resize(Math.max(width, ...rows.map(widthOf)), rows.length);
      grid.draw(drawScreen({ rows, cursor: { x: 0, y: rows.length - 1, visible: false } }));
      told.value = rows.length < LINES ? `all ${rows.length} lines` : `the last ${LINES} lines`;
      requestAnimationFrame(() => box.parentElement?.scrollTo({ top: box.offsetHeight }));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      told.value = error.message;
    }
  };
  void read();
  return () => {
    isOver = true;
    stop();
  };
};
