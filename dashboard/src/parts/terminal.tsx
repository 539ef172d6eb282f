import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { plain } from '../format.ts';
import { link } from '../monitor/feed.ts';
import { drawChanges, drawScreen } from '../monitor/rows.ts';
import { type WatchedTerminal, watchTerminal } from '../monitor/terminal.ts';
import { Scrollback } from './scrollback.tsx';

/** What the agent's pane shows at the moment. It is for looking only. */
export const Terminal = ({ session }: { session: string }) => {
  const watched = useSignal<WatchedTerminal | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => (box.current ? show(session, box.current, watched) : undefined), []);
  const state = watched.value?.state.value ?? { status: 'asked' };
  const label = `Screen of ${plain(session)}`;
  const isOld = state.status !== 'shown' || link.value.status !== 'open';
  return (
    <section class="pane" aria-labelledby="terminal-title">
      <header>
        <h2 id="terminal-title">Terminal</h2>
        {state.status === 'shown' && (
          <>
            <span class="title">{plain(state.title)}</span>
            <span class="number muted">
              {state.width} × {state.height}
            </span>
          </>
        )}
        <Scrollback session={session} width={state.status === 'shown' ? state.width : 80} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keys */}
      <section class="grid" tabIndex={0} aria-label={label} data-old={isOld}>
        <div ref={box} class="rows" />
      </section>
      {state.status === 'asked' && <p class="hint">Asking for the screen …</p>}
      {state.status === 'ended' && (
        <p class="ended" role="status">
          Nothing more is shown: {state.reason}.{' '}
          <button type="button" onClick={() => watched.peek()?.ask()}>
            Look again
          </button>
        </p>
      )}
    </section>
  );
};

/** Begins to watch once the terminal's library is there. */
const show = (session: string, box: HTMLElement, watched: Signal<WatchedTerminal | null>) => {
  let isOver = false;
  let stop = (): void => undefined;
  const begin = async (): Promise<void> => {
    const { createGrid } = await import('./terminal-grid.ts');
    if (isOver) return;
    const grid = createGrid(box);
    const watching = watchTerminal(session, {
      shown: (screen) => {
        grid.resize(screen.width, screen.height);
        grid.draw(drawScreen(screen));
      },
      changed: (changes) => grid.draw(drawChanges(changes)),
    });
    watched.value = watching;
    stop = () => {
      watching.stop();
      grid.stop();
    };
  };
  void begin();
  return () => {
    isOver = true;
    stop();
  };
};
