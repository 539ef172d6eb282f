/** What readers of the journal have in the end, however often they are cut off. */

import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { EventPage } from '../../actors/ports.ts';
import type { MonitorEvent } from '../../machines/vocabulary.ts';
import { call, send } from '../support/command-calls.ts';
import { startCommandStage } from '../support/command-stage.ts';
import type { TestDaemon } from '../support/daemon.ts';
import { type EventReader, startEventReader } from '../support/event-reader.ts';
import { startSocketReader } from '../support/socket-reader.ts';
import { until } from '../support/until.ts';

const CUTS = 10;
const LOADS = 2;
/** Readers of each kind, and how often they are all cut off at once. */
const EACH = 50;
const STORMS = 3;

it('is each event once, through cuts under load and a crash of the monitor', async () => {
  await using stage = await startCommandStage();
  const { daemon } = stage;
  await stage.recording('shop-api');
  await using cut = startEventReader(() => daemon.url);
  await using patient = startEventReader(() => daemon.url);
  const paged = startPager(daemon);
  const loading = new AbortController();
  const loads = Array.from({ length: LOADS }, () => load(daemon, loading.signal));

  const cutOften = async (): Promise<void> => {
    for (let count = 0; count < CUTS; count += 1) {
      const before = cut.connections();
      await until('it is connected again', () => cut.connections() > before || null);
      cut.cut();
    }
  };
  await cutOften();
  await daemon.end('SIGKILL');
  await daemon.start();
  await cutOften();
  loading.abort();
  await Promise.all(loads);

  const journal = await until('all have the last event', async () => {
    const all = await paged.rest();
    const last = all.at(-1)?.seq;
    const isTold = [cut, patient].every(({ events }) => events.at(-1)?.seq === last);
    return isTold ? all : null;
  });
  expect(journal.map(({ seq }) => seq)).toEqual(journal.map((_, index) => index + 1));
  expect(journal.length).toBeGreaterThan(CUTS);
  expect(patient.events).toEqual(journal);
  expect(cut.events).toEqual(journal);
  expect([cut.resets(), patient.resets(), paged.resets()]).toEqual([0, 0, 0]);
  expect(cut.connections()).toBeGreaterThan(2 * CUTS);
});

it('is each event once for a hundred readers that are cut off together, again and again', async () => {
  await using stage = await startCommandStage();
  const { daemon } = stage;
  await stage.recording('shop-api');
  await using all = new AsyncDisposableStack();
  const readers = Array.from({ length: EACH }, () => [
    all.use(startEventReader(() => daemon.url)),
    all.use(startSocketReader(() => daemon.url)),
  ]).flat();
  const paged = startPager(daemon);
  const loading = new AbortController();
  const loads = Array.from({ length: LOADS }, () => load(daemon, loading.signal));

  for (let storm = 0; storm < STORMS; storm += 1) {
    const before = readers.map((reader) => reader.connections());
    const isBack = (reader: EventReader, index: number) =>
      reader.connections() > (before[index] ?? 0);
    await until('all are connected', () => readers.every(isBack) || null);
    for (const reader of readers) reader.cut();
  }
  loading.abort();
  await Promise.all(loads);

  const journal = await until('all have the last event', async () => {
    const events = await paged.rest();
    const last = events.at(-1)?.seq;
    return readers.every((reader) => reader.events.at(-1)?.seq === last) ? events : null;
  });
  const seqs = journal.map(({ seq }) => seq).join();
  expect(journal.length).toBeGreaterThan(STORMS);
  expect(readers.filter(({ events }) => events.map(({ seq }) => seq).join() !== seqs)).toEqual([]);
  expect([readers[0]?.events, readers[1]?.events]).toEqual([journal, journal]);
  expect(readers.filter((reader) => reader.resets() > 0)).toEqual([]);
});

/** Asks for commands and takes them back: two events each, and next to no typing. */
const load = async (daemon: TestDaemon, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    try {
      const { id } = await send(daemon, 'shop-api', 'go on', { when: 'idle' });
      await call(daemon, 'DELETE', `/api/commands/${id}`);
    } catch {
      await delay(20); // The monitor is away.
    }
  }
};

/** Reads the journal page by page, as far as it is. */
const startPager = (daemon: TestDaemon) => {
  const events: MonitorEvent[] = [];
  let epoch: string | null = null;
  let resets = 0;
  return {
    resets: () => resets,
    rest: async (): Promise<MonitorEvent[]> => {
      let next: number | null = events.at(-1)?.seq ?? 0;
      while (next !== null) {
        const query: string = epoch === null ? '' : `&epoch=${epoch}`;
        const page: EventPage = await daemon.get(`/api/events?limit=50&after=${next}${query}`);
        if (page.reset) resets += 1;
        ({ epoch, next } = page);
        events.push(...page.events);
      }
      return events;
    },
  };
};
