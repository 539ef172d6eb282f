/** `npm run screenshots`: the dashboard's pages over simulated agents, as pictures. */

import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type Stage, setStage } from '../demo/live/stage.ts';
import type { Agent } from '../machines/vocabulary.ts';
import { startBrowser } from '../test/support/browser.ts';

/** What its agents do, by session. */
const SESSIONS = {
  'shop-api': 'tasks',
  'web-shop': 'approval',
  billing: 'outage',
  search: 'silence',
  docs: 'tokenizer',
  'mobile-app': 'tasks',
};

const ROOT = join(import.meta.dirname, '..');
/** Those that the README shows; they are committed. */
const SHOWN = join(ROOT, 'docs/screenshots');
/** All others, for whoever works on the dashboard. */
const OTHERS = join(ROOT, 'screenshots');
const MAX_BYTES = 150 * 1024;

const WIDE = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 } };
const LIGHT = { colorScheme: 'light' } as const;
const DARK = { colorScheme: 'dark' } as const;

interface Shot {
  name: string;
  hash: string;
  options: BrowserContextOptions;
  /** What must be true of the agents for it to tell what it is to tell. */
  isTime?(agents: Map<string, Agent>): boolean;
  isShown?: boolean;
}

const someoneWaits: Shot['isTime'] = (agents) =>
  agents.get('web-shop')?.attention === 'approval' &&
  agents.get('search')?.state === 'stuck' &&
  (agents.get('shop-api')?.progressSource ?? 'none') !== 'none';

const someoneAsks: Shot['isTime'] = (agents) => agents.get('web-shop')?.attention === 'approval';

const SHOTS: Shot[] = [
  { name: 'overview-light', hash: '#/', options: { ...WIDE, ...LIGHT }, isTime: someoneWaits },
  { name: 'overview-dark', hash: '#/', options: { ...WIDE, ...DARK }, isTime: someoneWaits },
  { name: 'phone', hash: '#/', options: { ...PHONE, ...LIGHT }, isTime: someoneWaits },
  { name: 'agent', hash: '#/agents/web-shop', options: { ...WIDE, ...DARK }, isTime: someoneAsks },
].map((shot) => ({ ...shot, isShown: true }));

/** Each page in all the ways in which it may be looked at. */
const ALL: Shot[] = Object.entries({
  overview: '#/',
  agent: '#/agents/shop-api',
  events: '#/events',
  chart: '#/chart/shop-api',
  health: '#/health',
  nowhere: '#/nowhere',
}).flatMap(([name, hash]) =>
  Object.entries({ wide: WIDE, phone: PHONE }).flatMap(([width, viewport]) =>
    Object.entries({ light: LIGHT, dark: DARK }).map(([scheme, colours]) => ({
      ...{ name: `${name}-${width}-${scheme}`, hash, options: { ...viewport, ...colours } },
    })),
  ),
);

const main = async (): Promise<void> => {
  const leaving = new AbortController();
  process.on('SIGINT', () => leaving.abort()).on('SIGTERM', () => leaving.abort());
  await using stage = await setStage(leaving.signal, SESSIONS);
  await using browser = await startBrowser();
  await ask(stage, 'docs', 'Find out why the parser is slow');
  // All are open before it is time, since that does not last.
  for (const shots of [SHOTS, ...ALL.map((shot) => [shot])]) {
    const pages = await Promise.all(shots.map((shot) => openPage(browser, stage.api.url, shot)));
    for (const [index, shot] of shots.entries()) {
      const page = pages[index] as Page;
      await untilTime(stage, shot, leaving.signal);
      await isDrawn(page);
      save(shot, await page.screenshot({ path: pathOf(shot) }));
      await page.context().close();
    }
  }
};

const openPage = async (browser: Browser, url: string, { hash, options }: Shot): Promise<Page> => {
  const context = await browser.newContext({ ...options, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(`${url}/${hash}`);
  return page;
};

const ask = async ({ api }: Stage, session: string, command: string): Promise<void> => {
  const response = await fetch(`${api.url}/api/agents/${session}/command`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ command, source: 'zoe' }),
  });
  if (!response.ok) throw new Error(await response.text());
};

const pathOf = ({ name, isShown = false }: Shot): string => {
  const folder = isShown ? SHOWN : OTHERS;
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name}.png`);
};

const save = (shot: Shot, { length }: Buffer): void => {
  console.log(`${pathOf(shot)}  ${Math.ceil(length / 1024)} KB`);
  if (shot.isShown && statSync(pathOf(shot)).size > MAX_BYTES)
    throw new Error(`${shot.name} is too large for the repository`);
};

/** The agents come by it within a minute or two. */
const untilTime = async (stage: Stage, shot: Shot, signal: AbortSignal): Promise<void> => {
  for (;;) {
    const agents = await stage.api.agents();
    const bySession = new Map(agents.map((agent) => [agent.session, agent]));
    if (agents.length === Object.keys(SESSIONS).length && (shot.isTime?.(bySession) ?? true))
      return;
    await delay(100, undefined, { signal });
  }
};

/** All that a page asks for when it opens has been answered, and nothing moves any more. */
const isDrawn = async (page: Page): Promise<void> => {
  await page.locator('.banner').waitFor({ state: 'detached' });
  await page.locator('main h1, main h2').first().waitFor();
  await page.waitForLoadState('networkidle');
  await page.evaluate(
    'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))',
  );
};

await main();
