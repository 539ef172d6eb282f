import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { type Filter, readJournal } from '../../../src/http/journal-reader.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { createFakeMonitor } from './fake-monitor.ts';

/** A reader from the first of so many events, which is told all that it can be in one turn. */
const start = (events: number, filter: Filter = {}, takes = { most: Number.POSITIVE_INFINITY }) => {
  const monitor = createFakeMonitor();
  const write = (count: number) => {
    for (let one = 0; one < count; one += 1) monitor.commit({});
  };
  write(events);
  const told: number[] = [];
  const reader = readJournal({
    ...{ monitor, filter, log: createRecordedLog(), from: { epoch: null, seq: 0 } },
    outlet: {
      isOpen: () => told.length < takes.most,
      events: (page) => told.push(...page.map(({ seq }) => seq)),
      reset: () => expect.unreachable(),
      fail: () => expect.unreachable(),
    },
  });
  monitor.subscribe(reader.committed);
  reader.resume();
  return { monitor, reader, told, write };
};

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe('a reader that is behind', () => {
  it('leaves the event loop to others after each page', async () => {
    const { told } = start(1000);
    expect(told.length).toBe(100);
    await vi.waitFor(() => expect(told).toEqual(upTo(1000)));
  });

  it('hears in order what is committed meanwhile, once', async () => {
    const { told, write } = start(450);
    write(3);
    await turn();
    write(2);
    await vi.waitFor(() => expect(told).toEqual(upTo(455)));
    write(1);
    expect(told).toEqual(upTo(456));
  });

  it('is told no more than it takes, also within a page, and the rest when it goes on', async () => {
    const takes = { most: 3 };
    const { told, reader } = start(250, {}, takes);
    expect(told).toEqual(upTo(3));
    takes.most = Number.POSITIVE_INFINITY;
    reader.resume();
    await vi.waitFor(() => expect(told).toEqual(upTo(250)));
  });

  it('hears no more once it is stopped', async () => {
    const { reader, told } = start(1000);
    reader.stop();
    for (let turns = 0; turns < 5; turns += 1) await turn();
    expect(told.length).toBe(100);
  });

  it('of sessions of which there is nothing does not read what there is of others', () => {
    const { monitor, told, reader } = start(1000, { sessions: ['shop-web', 'docs'] });
    expect(monitor.reads()).toBe(1);
    expect(told).toEqual([]);
    expect(reader.position().seq).toBe(1000);
  });
});

it('a reader of one session is told that it has another name now', () => {
  const { monitor, told } = start(0, { sessions: ['shop'] });
  monitor.commit({ session: 'shop' });
  monitor.commit({ session: 'docs', event: 'session_renamed', previousSession: 'manual' });
  monitor.commit({ session: 'shop-api', event: 'session_renamed', previousSession: 'shop' });
  monitor.commit({ session: 'shop-api' });
  expect(told).toEqual([1, 3]);
});
