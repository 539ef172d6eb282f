/** How smoothly the dashboard scrolls while all its cards change, and how soon a card shows what a pane shows. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { MonitorEvent } from '../machines/vocabulary.ts';
import { createFakeMonitor } from '../test/src/http/fake-monitor.ts';
import { startServer } from '../test/src/http/start.ts';
import { startBrowser } from '../test/support/browser.ts';
import { startDaemon } from '../test/support/daemon.ts';
import { asPaintedAgents, startPaintedAgent } from '../test/support/painted-agent.ts';
import { startRedis } from '../test/support/redis.ts';
import { startTmux } from '../test/support/tmux.ts';
import { type Latency, latencyOf, percentile, table } from './figures.ts';

const CHANGES_A_SECOND = 10;
/** The daemon too tells of many changes at once. */
const TICKS_A_SECOND = 50;
const TURNS = 30;
const PAUSE_MS = 400;
const VIEW = { viewport: { width: 1280, height: 800 } };

export interface DashboardOptions {
  cards: number;
  /** How long each window is. */
  seconds: number;
  signal: AbortSignal;
  say(text: string): void;
}

interface Smoothness {
  page: string;
  /** Frames a second. */
  rate: number;
  /** From one frame to the next, in ms. */
  p99: number;
  max: number;
  /** What the page's main thread takes, in cores: no other program has a part in it. */
  cpu: number;
}

export interface DashboardResult {
  cards: number;
  smoothness: Smoothness[];
  /** From just before the write of a pane's bytes until the card's text in the page. */
  shown: Latency;
}

export const dashboard = async (options: DashboardOptions): Promise<DashboardResult> => {
  await using browser = await startBrowser();
  const smoothness = await scroll(browser, options);
  return { cards: options.cards, smoothness, shown: await watchCard(browser, options) };
};

export const dashboardReportOf = ({ cards, smoothness, shown }: DashboardResult): string => {
  const frames = table(
    ['while scrolling', 'frames a second', 'between two, p99', 'max', 'main thread'],
    smoothness.map(({ page, rate, p99, max, cpu }) => [
      ...[page, rate.toFixed(1), `${p99.toFixed(0)} ms`, `${max.toFixed(0)} ms`, cpu.toFixed(2)],
    ]),
  );
  const latency = table(
    [`from a pane’s byte, ${shown.count} times, until`, 'p50', 'p99', 'max', 'to reach'],
    [
      [
        'its card shows it',
        ...[shown.p50, shown.p99, shown.max].map((ms) => `${ms.toFixed(0)} ms`),
        '200 ms',
      ],
    ],
  );
  const told = cards * CHANGES_A_SECOND;
  return `${frames}\n\nTo reach: 60 with ${cards} cards that change, where an empty page has them; ${told} events a second.\n\n${latency}`;
};

const scroll = async (
  browser: Browser,
  { cards, seconds, say }: DashboardOptions,
): Promise<Smoothness[]> => {
  const monitor = createFakeMonitor();
  const [one] = monitor.agents({});
  if (one === undefined) throw new Error('the monitor in memory has no agents');
  const sessions = Array.from({ length: cards }, (_, index) => `agent-${index + 1}`);
  const agents = () => sessions.map((session) => ({ ...one, session }));
  await using api = await startServer({ monitor: { ...monitor, agents } });

  const empty = await browser.newPage(VIEW);
  await empty.setContent('<body style="height: 20000px">');
  say('an empty page scrolls');
  const smoothness = [await measure(empty, 'an empty page', seconds)];
  await empty.close();

  const page = await browser.newPage(VIEW);
  await page.goto(`http://localhost:${api.port}/`);
  await page
    .locator('.card')
    .nth(cards - 1)
    .waitFor({ state: 'attached' });
  say(`${cards} cards scroll`);
  smoothness.push(await measure(page, `${cards} cards at rest`, seconds));
  const stop = changeAll(sessions, monitor.commit);
  say(`${cards} cards scroll while all of them change`);
  smoothness.push(
    await measure(
      page,
      `${cards} cards, each changing ${CHANGES_A_SECOND} times a second`,
      seconds,
    ),
  );
  stop();
  await page.close();
  return smoothness;
};

/** Tells of progress in every session as often, evenly over the second; answers how to end that. */
const changeAll = (
  sessions: readonly string[],
  commit: ReturnType<typeof createFakeMonitor>['commit'],
): (() => void) => {
  const begun = performance.now();
  let told = 0;
  const changeOf = (number: number): Partial<MonitorEvent> => {
    const turn = Math.floor(number / sessions.length);
    return {
      ...{ event: 'progress', session: sessions[number % sessions.length] as string },
      ...{ timestamp: Date.now(), progress: turn % 101, progressSource: 'todos' },
      indicators: { ...NOTHING_DONE, filesRead: turn, bashCommands: turn },
    };
  };
  const timer = setInterval(() => {
    const due = Math.floor(
      ((performance.now() - begun) / 1000) * sessions.length * CHANGES_A_SECOND,
    );
    const changes = Array.from({ length: due - told }, (_, index) => changeOf(told + index));
    told = due;
    if (changes.length > 0) commit(...changes);
  }, 1000 / TICKS_A_SECOND);
  return () => clearInterval(timer);
};

const NOTHING_DONE = {
  ...{ filesRead: 0, filesWritten: 0, filesEdited: 0, bashCommands: 0, toolCalls: 0 },
  ...{ contemplationTime: 0, errors: 0 },
};

/** Scrolls to and fro by as much in a second, however many frames that has. */
const measure = async (page: Page, name: string, seconds: number): Promise<Smoothness> => {
  const threadSeconds = await countThreadSeconds(page);
  const before = await threadSeconds();
  const gaps = (await page.evaluate(`new Promise((resolve) => {
    const gaps = [];
    let begun = 0;
    let before = 0;
    const draw = (at) => {
      begun ||= at;
      if (before > 0) gaps.push(at - before);
      before = at;
      const way = (at - begun) * 1.5;
      const height = document.documentElement.scrollHeight - innerHeight;
      const lap = way % (2 * height);
      scrollTo(0, lap < height ? lap : 2 * height - lap);
      if (at - begun < ${seconds * 1000}) requestAnimationFrame(draw);
      else resolve(gaps);
    };
    requestAnimationFrame(draw);
  })`)) as number[];
  const cpu = ((await threadSeconds()) - before) / seconds;
  const rate = (gaps.length * 1000) / gaps.reduce((sum, gap) => sum + gap, 0);
  return { page: name, rate, p99: percentile(gaps, 0.99), max: percentile(gaps, 1), cpu };
};

/** Answers how to read what the page's main thread has taken so far. */
const countThreadSeconds = async (page: Page): Promise<() => Promise<number>> => {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await devTools.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
};

const watchCard = async (browser: Browser, { signal, say }: DashboardOptions): Promise<Latency> => {
  await using tmux = await startTmux();
  await using redis = await startRedis();
  using agent = await startPaintedAgent(tmux, { name: 'shop-api' });
  await using daemon = await startDaemon({ tmux, redis, env: asPaintedAgents(tmux) });
  const page = await browser.newPage(VIEW);
  await page.goto(`${daemon.url}/`);
  agent.rest(0);
  say('a pane changes, and its card');
  const took: number[] = [];
  for (let turn = 1; turn <= TURNS; turn += 1) {
    await page.locator('.card', { hasText: 'complete' }).waitFor();
    await delay(PAUSE_MS * (1 + Math.random()), undefined, { signal });
    await page.evaluate(`(() => { window.shown = ${UNTIL_SHOWN}('Pondering turn ${turn}…'); })()`);
    const written = wallClock();
    agent.work(turn);
    took.push(((await page.evaluate('window.shown')) as number) - written);
    agent.rest(turn);
  }
  await page.close();
  return latencyOf(took);
};

/** When the text stood in the page, on the clock of `wallClock`. */
const UNTIL_SHOWN = `((text) => new Promise((resolve) => {
  const observer = new MutationObserver(() => {
    if (!document.querySelector('main').textContent.includes(text)) return;
    observer.disconnect();
    resolve(performance.timeOrigin + performance.now());
  });
  observer.observe(document.body, { subtree: true, childList: true, characterData: true });
}))`;

/** The page's clock and this one both count from the epoch, finer than milliseconds. */
const wallClock = (): number => performance.timeOrigin + performance.now();
