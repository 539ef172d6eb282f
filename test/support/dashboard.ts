/** The dashboard in a real browser, over a monitor with agents; what the browser finds fault with is kept. */

import type {
  Browser,
  BrowserContextOptions,
  ConsoleMessage,
  Locator,
  Page,
} from 'playwright-core';
import { startBrowser } from './browser.ts';
import { type CommandStage, startCommandStage } from './command-stage.ts';
import { PATIENCE } from './patience.ts';
import { freePort } from './redis.ts';

export interface DashboardStage extends CommandStage {
  /** Opens a page of the dashboard, such as `#/health`, in a browser profile of its own. */
  open(hash?: string, options?: BrowserContextOptions): Promise<Page>;
  /**
   * What no page may ever do, since this was last asked: errors and warnings, dialogs, windows, and requests
   * to anyone but the monitor.
   */
  takeFaults(): string[];
  /** Closes all pages, so that none goes on beside the next test, and tells what they did until then. */
  close(): Promise<string[]>;
}

export const startDashboardStage = async (): Promise<DashboardStage> => {
  await using begun = new AsyncDisposableStack();
  // A monitor that is started again has to be where the page looks for it.
  const env = { API_PORT: String(await freePort()) };
  const stage = begun.use(await startCommandStage({ env }));
  const browser = begun.use(await startBrowser());
  const pages = createPages(browser, () => stage.daemon.url);
  const ending = begun.move();
  return { ...stage, ...pages, [Symbol.asyncDispose]: () => ending.disposeAsync() };
};

/** Pages of the monitor at an address. */
export const createPages = (
  browser: Browser,
  url: () => string,
): Pick<DashboardStage, 'open' | 'takeFaults' | 'close'> => {
  let faults: string[] = [];
  const takeFaults = (): string[] => {
    const taken = faults;
    faults = [];
    return taken;
  };
  return {
    takeFaults,
    open: async (hash = '#/', options = {}) => {
      const context = await browser.newContext({ viewport: WIDE, ...options });
      context.setDefaultTimeout(PATIENCE.timeout);
      const page = await context.newPage();
      watch(page, url(), (fault) => faults.push(fault));
      await page.goto(`${url()}/${hash}`);
      return page;
    },
    close: async () => {
      for (const context of browser.contexts()) await context.close();
      return takeFaults();
    },
  };
};

export const WIDE = { width: 1280, height: 800 };
export const NARROW = { width: 390, height: 844 };

export const cardOf = (page: Page, session: string): Locator =>
  page.locator(`.card[data-session=${JSON.stringify(session)}]`);

const watch = (page: Page, url: string, note: (fault: string) => void): void => {
  const { host } = new URL(url);
  page.on('console', (message) => {
    if (SPOKEN.has(message.type()) && !isOfBusyMachine(message)) note(textOf(message));
  });
  page.on('pageerror', (error) => note(`error: ${error.message}`));
  page.on('popup', (popup) => note(`window: ${popup.url()}`));
  page.on('dialog', (dialog) => {
    note(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.host !== host && !OWN.has(asked.protocol)) note(`request: ${request.url()}`);
  });
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== host) note(`socket: ${socket.url()}`);
  });
};

const SPOKEN = new Set<ReturnType<ConsoleMessage['type']>>(['error', 'warning']);
/** So says xterm.js 6 where what it does when there is time took longer than it thought. */
const isOfBusyMachine = (message: ConsoleMessage): boolean =>
  message.text().startsWith('task queue exceeded allotted deadline');
/** What a page makes by itself. */
const OWN = new Set(['data:', 'blob:']);

const textOf = (message: ConsoleMessage): string => `${message.type()}: ${message.text()}`;

/** Where the page of an agent takes a text for it. */
export const boxOf = (page: Page, session: string): Locator =>
  page.getByRole('textbox', { name: `Command to ${session}` });

/** What stands in the queue of the page, its newest at the end of what waits. */
export const rowOf = (page: Page, text: string): Locator =>
  page.locator('.queue li').filter({ hasText: text });
