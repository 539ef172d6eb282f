/** A terminal that shows and does nothing else. Loaded when one is looked at: it is larger than the rest of the page. */

import '@xterm/xterm/css/xterm.css';
import { type ITheme, Terminal } from '@xterm/xterm';

export interface Grid {
  resize(width: number, height: number): void;
  /** Draws what `monitor/rows.ts` has made: no other text may come here. */
  draw(text: string): void;
  stop(): void;
}

const SMALLEST_PX = 10;
const LARGEST_PX = 14;
/** As the style sheet has it for code. */
const FONT =
  'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';

/**
 * Puts a grid into the box, in letters as large as its width allows; where they would be too small
 * to read, the box scrolls. It takes no key, answers no request, and copies what was selected.
 */
export const createGrid = (box: HTMLElement): Grid => {
  const terminal = new Terminal({
    ...{ disableStdin: true, scrollback: 0, cursorBlink: false, cursorInactiveStyle: 'outline' },
    ...{ fontFamily: FONT, fontSize: LARGEST_PX, lineHeight: 1.15, theme: themeOf(box) },
    // Agents choose their colours for a ground of their own.
    minimumContrastRatio: 4.5,
    screenReaderMode: true,
    linkHandler: { activate: () => undefined, allowNonHttpProtocols: false },
  });
  terminal.open(box);
  makeReadOnly(terminal, box);
  const widthPerPx = measureLetter();
  const scale = (): void => {
    const size = box.clientWidth / (terminal.cols * widthPerPx);
    const stepped = Math.floor(size * 10) / 10;
    terminal.options.fontSize = Math.max(SMALLEST_PX, Math.min(LARGEST_PX, stepped));
  };
  const stops = [observeWidth(box, scale), observeTheme(box, terminal), copySelection(terminal)];
  return {
    resize: (width, height) => {
      terminal.resize(width, height);
      scale();
    },
    draw: (text) => terminal.write(text),
    stop: () => {
      for (const stop of stops) stop();
      terminal.dispose();
    },
  };
};

/** Its text field would catch the Tab key, and its wheel the page's; the page's own keys work above it. */
const makeReadOnly = (terminal: Terminal, box: HTMLElement): void => {
  terminal.attachCustomKeyEventHandler(() => false);
  terminal.attachCustomWheelEventHandler(() => false);
  if (terminal.textarea) terminal.textarea.disabled = true;
  // A spinner moves ten times a second: who listens reads the rows when they want to.
  box.querySelector('.live-region')?.setAttribute('aria-live', 'off');
};

const measureLetter = (): number => {
  const pen = document.createElement('canvas').getContext('2d');
  if (!pen) return 0.6;
  pen.font = `100px ${FONT}`;
  return pen.measureText('W').width / 100;
};

const observeWidth = (box: HTMLElement, act: () => void): (() => void) => {
  const observer = new ResizeObserver(act);
  observer.observe(box);
  return () => observer.disconnect();
};

/** The page's colours change by its own button, or by the system's setting. */
const observeTheme = (box: HTMLElement, terminal: Terminal): (() => void) => {
  const change = (): void => {
    terminal.options.theme = themeOf(box);
  };
  const observer = new MutationObserver(change);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', change);
  return () => {
    observer.disconnect();
    scheme.removeEventListener('change', change);
  };
};

/** What is selected in the grid is none of the browser's own selections. */
const copySelection = (terminal: Terminal): (() => void) => {
  const copy = (event: ClipboardEvent): void => {
    if (!terminal.hasSelection() || !document.getSelection()?.isCollapsed) return;
    event.clipboardData?.setData('text/plain', terminal.getSelection());
    event.preventDefault();
  };
  document.addEventListener('copy', copy);
  return () => document.removeEventListener('copy', copy);
};

const themeOf = (box: HTMLElement): ITheme => {
  const { backgroundColor, color } = getComputedStyle(box);
  const own = { background: backgroundColor, foreground: color, cursor: color };
  return { ...own, cursorAccent: backgroundColor, ...(isDark(backgroundColor) ? DARK : LIGHT) };
};

const isDark = (colour: string): boolean => {
  const parts = colour.match(/[\d.]+/g)?.map(Number) ?? [];
  return parts.slice(0, 3).reduce((sum, part) => sum + part, 0) < 384;
};

const LIGHT: ITheme = {
  ...{ black: '#1c1d20', red: '#b3202c', green: '#256a43', yellow: '#855c00', blue: '#1d5fa8' },
  ...{ magenta: '#8a3a8f', cyan: '#1a6a74', white: '#5c5f66', brightBlack: '#6a6d74' },
  ...{ brightRed: '#c4303b', brightGreen: '#2f7d4f', brightYellow: '#946a0c' },
  ...{ brightBlue: '#2a70bd', brightMagenta: '#9b4aa0', brightCyan: '#237a85' },
  ...{ brightWhite: '#2c2f36', selectionBackground: '#b9d4f1' },
};

const DARK: ITheme = {
  ...{ black: '#2c2f36', red: '#ff8f8f', green: '#7fcf9f', yellow: '#e8bd5a', blue: '#7fb5f0' },
  ...{ magenta: '#d9a0e0', cyan: '#7fd0d8', white: '#d0d0cd', brightBlack: '#8a8e97' },
  ...{ brightRed: '#ffabab', brightGreen: '#9fe0b9', brightYellow: '#f2d184' },
  ...{ brightBlue: '#a5ccf7', brightMagenta: '#e8bfec', brightCyan: '#a4e2e8' },
  ...{ brightWhite: '#ffffff', selectionBackground: '#2c4a6e' },
};
