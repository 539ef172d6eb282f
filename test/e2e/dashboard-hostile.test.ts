/** Every page of the dashboard over agents that mean it no good: their names, their questions, their output. */

import { closeSync, constants, openSync } from 'node:fs';
import { mkdir, mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { plain } from '../../dashboard/src/format.ts';
import { violationsOf } from '../support/axe.ts';
import { startBrowser } from '../support/browser.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { cardOf, createPages, NARROW, WIDE } from '../support/dashboard.ts';
import {
  asPaintedAgents,
  type PaintedAgent,
  startPaintedAgent,
  writeAll,
} from '../support/painted-agent.ts';
import { PATIENCE } from '../support/patience.ts';
import { startRedis } from '../support/redis.ts';
import { startAgent } from '../support/simulated-agent.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';

const IMAGE = '<img src=x onerror=alert(1)>';
const REVERSED = 'invoice\u202egnp';
const LONG = 'a-name-that-goes-on-'.repeat(6);
const FOLDER = `${REVERSED}-${LONG}`;

const ASKS = {
  turns: [
    {
      prompt: IMAGE,
      afterMs: 0,
      steps: [
        {
          step: 'question',
          ask: true,
          questions: [
            {
              header: '<b>x',
              question: `Is ${IMAGE} a picture?`,
              options: [
                { label: '<script>alert(2)</script>', description: '<iframe src=//example.com>' },
                { label: 'No', description: 'It is data' },
              ],
            },
          ],
        },
      ],
    },
  ],
};

/** A link to a script, a foreign picture by its title, a write to the clipboard, markup, and text to the left. */
const OUTPUT = [
  '\x1b]0;<script>alert(3)</script>\x07',
  '\x1b]52;c;ZXZpbA==\x07',
  '\x1b]8;;javascript:alert(4)\x1b\\a link\x1b]8;;\x1b\\\r\n',
  `${IMAGE} https://example.com/x ${REVERSED}\r\n`,
].join('');

const begun = new AsyncDisposableStack();
let tmux: TestTmux;
let daemon: TestDaemon;
let pages: ReturnType<typeof createPages>;
let painted: PaintedAgent;

beforeAll(async () => {
  tmux = begun.use(await startTmux());
  const redis = begun.use(await startRedis());
  for (const name of ['<b>x', REVERSED, LONG]) await tmux.newSession({ name });
  painted = begun.use(await startPaintedAgent(tmux, { name: IMAGE }));
  const folder = begun.use(await mkdtempDisposable(join(tmpdir(), 'am-hostile-')));
  const cwd = join(folder.path, FOLDER);
  await mkdir(cwd);
  begun.use(await startAgent(tmux, ASKS, { name: 'asking', cwd }));
  daemon = begun.use(await startDaemon({ tmux, redis, env: asPaintedAgents(tmux) }));
  const browser = begun.use(await startBrowser());
  pages = createPages(browser, () => daemon.url);
  painted.work(1);
  await write(OUTPUT);
  await daemon.agent('asking', ({ attention }) => attention === 'question');
});
afterAll(() => begun.disposeAsync());
afterEach(async () => expect(await pages.close()).toEqual([]));

const write = async (text: string): Promise<void> => {
  const tty = await tmux.run('display-message', '-p', '-t', painted.paneId, '#{pane_tty}');
  const terminal = openSync(tty, constants.O_WRONLY | constants.O_NOCTTY);
  writeAll(terminal, Buffer.from(text));
  closeSync(terminal);
};

/** What was made of what agents wrote, other than text. */
const madeOf = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const isForeign = (address) => new URL(address, location).origin !== location.origin;
    const loading = 'img, iframe, object, embed, video, audio, form[action], base, meta[http-equiv]';
    const links = document.querySelectorAll('a, link:not([rel=icon])');
    const made = [
      ...document.querySelectorAll(loading),
      ...[...links].filter(({ href }) => isForeign(href)),
      ...[...document.scripts].filter(({ src }) => isForeign(src)),
    ];
    return made.map(({ outerHTML }) => outerHTML);
  })()`);

it('shows names and questions as they are', async () => {
  const page = await pages.open();
  const names = ['<b>x', REVERSED, LONG, IMAGE];
  for (const name of names)
    await page.getByRole('link', { name: plain(name), exact: true }).waitFor();
  const card = cardOf(page, 'asking');
  await card.getByText(`Is ${IMAGE} a picture?`).waitFor();
  await card.getByRole('button', { name: '<script>alert(2)</script>' }).waitFor();
  const folder = card.getByText(plain(FOLDER), { exact: true });
  const edges = [folder, card].map((part) => part.boundingBox());
  const [inner, outer] = (await Promise.all(edges)).map((box) => (box ? box.x + box.width : 0));
  expect(inner).toBeLessThan(outer ?? 0);
  expect(await madeOf(page)).toEqual([]);
});

it('shows the text and the colours of a pane, and no link of what it writes, however much', async () => {
  const page = await pages.open(`#/agents/${encodeURIComponent(IMAGE)}`, { colorScheme: 'dark' });
  const rows = page.locator('.pane .xterm-rows > div');
  const colours = '\x1b[38;2;10;200;30mgreen\x1b[0m plain \x1b[48;5;17;38;5;231mon blue\x1b[0m';
  await write(`\x1b[2J\x1b[H${colours}\r\n漢字  two  spaces\r\n${OUTPUT}`);
  await rows.getByText('plain').waitFor();
  const shown = async (): Promise<string[]> =>
    (await rows.allTextContents()).map((row) => row.replaceAll('\u00a0', ' ').trimEnd());
  const captured = async (): Promise<string[]> => {
    const screen = await tmux.run('capture-pane', '-p', '-t', painted.paneId);
    return screen.replaceAll(REVERSED, REVERSED.replace('\u202e', '')).split('\n');
  };
  await write(`\x1b]0;${REVERSED}\x07`);
  await page.locator('.pane .title').getByText(plain(REVERSED)).waitFor();
  await expect
    .poll(async () => (await shown()).slice(0, 5), PATIENCE)
    .toEqual((await captured()).slice(0, 5));
  const colourOf = (text: string, property: string): Promise<unknown> =>
    page.evaluate(`(() => {
      const spans = [...document.querySelectorAll('.xterm-rows span')];
      return getComputedStyle(spans.find(({ textContent }) => textContent === '${text}')).${property};
    })()`);
  expect(await colourOf('green', 'color')).toBe('rgb(10, 200, 30)');
  expect(await colourOf('on blue', 'backgroundColor')).toBe('rgb(0, 0, 95)');

  painted.flood('lines of 10 MB', 640);
  painted.rest(2);
  await rows.getByText('Pondered for 9s · turn 2').waitFor();
  expect(await madeOf(page)).toEqual([]);
});

/** And what is there once a page has what it shows. */
const PAGES: [string, string, (page: Page) => Promise<unknown>][] = [
  ['overview', '#/', (page) => cardOf(page, 'asking').getByRole('group').waitFor()],
  [
    'agent',
    '#/agents/asking',
    (page) => page.locator('.pane .xterm-rows').getByText('picture').first().waitFor(),
  ],
  ['events', '#/events', (page) => page.locator('.event .who').first().waitFor()],
  ['chart', '#/chart/asking', (page) => page.locator('main svg .active').first().waitFor()],
  ['health', '#/health', (page) => page.getByRole('table').first().waitFor()],
  ['nowhere', '#/no/such/page', (page) => page.getByText('Nothing is here').waitFor()],
];

it.each(PAGES)('%s: fits every screen, and shuts nobody out', async (_name, hash, isThere) => {
  const page = await pages.open(hash);
  await isThere(page);
  for (const colorScheme of ['light', 'dark'] as const)
    for (const viewport of [WIDE, NARROW]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(viewport);
      const at = `${colorScheme}, ${viewport.width}`;
      expect(await violationsOf(page), at).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth'), at).toBe(viewport.width);
      expect(await madeOf(page), at).toEqual([]);
    }
});
