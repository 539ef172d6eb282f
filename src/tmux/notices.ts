/** Which of tmux's notifications say something about sessions, windows or panes. */

/** A pane may have been resized, moved or closed. */
export const movesPanes = (name: string): boolean => MOVES_PANES.has(name);

/** Anything that a listing would show. */
export const changesListing = (name: string): boolean => CHANGES_LISTING.has(name);

const MOVES_PANES = new Set(['layout-change', 'window-close', 'unlinked-window-close']);

const CHANGES_LISTING = new Set([
  ...MOVES_PANES,
  ...['sessions-changed', 'session-renamed', 'session-window-changed'],
  ...['window-add', 'unlinked-window-add', 'window-pane-changed'],
  // With automatic-rename, another program in the pane shows as another name of its window.
  ...['window-renamed', 'unlinked-window-renamed'],
]);
