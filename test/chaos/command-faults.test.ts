import { describe, expect, it } from 'vitest';
import { type ChaosStory, faultsOf } from '../../chaos/command-faults.ts';
import type { Command, MonitorEvent } from '../../machines/vocabulary.ts';
import type { Recorded } from '../support/recording-agent.ts';

const command = (id: string, more: Partial<Command> = {}): Command => ({
  ...{ id, session: 'shop-api', command: `do ${id}.`, source: 'zoe', when: 'safe' },
  ...{ status: 'sent', evidence: 'composer-emptied', attempts: 1, error: null },
  ...{ createdAt: 1, startedAt: 2, finishedAt: 3, expiresAt: 4, retryOf: null, resolution: null },
  ...more,
});

const paste = (id: string): Recorded => ({ did: 'paste', text: `do ${id}.` });
const enter = (id: string): Recorded => ({ did: 'enter', text: `do ${id}.` });

/** All that is told of these commands, as it should be. */
const eventsOf = (commands: readonly Command[]): MonitorEvent[] =>
  commands
    .flatMap(({ id, status }) => [
      { event: 'command_queued' as const, id },
      { event: `command_${status}` as MonitorEvent['event'], id },
    ])
    .map((event, index) => ({
      ...{ ...event, session: 'shop-api', timestamp: 1, seq: index + 1 },
      ...{ epoch: 'e', host: 'h' },
    }));

interface Parts {
  accepted?: string[];
  commands?: Command[];
  records?: Recorded[];
  journal?: (events: MonitorEvent[]) => MonitorEvent[];
  stream?: (events: MonitorEvent[]) => MonitorEvent[];
}

const story = ({
  commands = [command('a'), command('b')],
  accepted = commands.map(({ id }) => id),
  records = commands.flatMap(({ id }) => [paste(id), enter(id)]),
  journal = (events) => events,
  stream = (events) => events,
}: Parts = {}): ChaosStory => ({
  sessions: [{ session: 'shop-api', accepted, commands, records }],
  journal: journal(eventsOf(commands)),
  stream: stream(eventsOf(commands)),
  startedAt: [10, 20],
});

const withoutLast = (events: MonitorEvent[]) => events.slice(0, -1);
const interrupted = (id: string, finishedAt: number) =>
  command(id, { status: 'unknown', evidence: 'none', error: 'interrupted', finishedAt });

describe('faultsOf', () => {
  it('finds nothing where all went well', () => {
    expect(faultsOf(story())).toEqual([]);
  });

  it('finds nothing in one command that each of two crashes interrupted', () => {
    const commands = [interrupted('a', 10), interrupted('b', 20)];
    expect(faultsOf(story({ commands, records: [paste('a')] }))).toEqual([]);
  });

  it.each<{ what: string; parts: Parts; fault: string }>([
    {
      what: 'a command that was lost',
      parts: { accepted: ['a', 'b', 'c'] },
      fault: 'shop-api: accepted a,b,c, but there are a,b',
    },
    {
      what: 'one that was typed twice',
      parts: { records: [paste('a'), enter('a'), paste('b'), paste('b'), enter('b')] },
      fault: 'shop-api: b "do b.", sent, was typed 2 times',
    },
    {
      what: 'one that was submitted twice',
      parts: { records: [paste('a'), enter('a'), enter('a'), paste('b'), enter('b')] },
      fault: 'shop-api: a "do a.", sent, was submitted 2 times',
    },
    {
      what: 'one that is called sent and was not',
      parts: { records: [paste('a'), paste('b'), enter('b')] },
      fault: 'shop-api: a "do a.", sent, was never submitted',
    },
    {
      what: 'one that is called failed and was sent',
      parts: { commands: [command('a', { status: 'failed' })] },
      fault: 'shop-api: a "do a.", failed, was submitted',
    },
    {
      what: 'one that never ended',
      parts: { commands: [command('a', { status: 'sending' })] },
      fault: 'shop-api: a "do a.", sending, was left so',
    },
    {
      what: 'one that was typed though it is said that it was not',
      parts: { commands: [command('a', { status: 'cancelled', evidence: 'not-typed' })] },
      fault: 'shop-api: a "do a.", cancelled, was typed',
    },
    {
      what: 'two that became one prompt',
      parts: { records: [paste('a'), paste('b'), { did: 'enter', text: 'do a.do b.' }] },
      fault: 'shop-api: "do a.do b." was submitted and never sent',
    },
    {
      what: 'a wrong order',
      parts: { records: [paste('b'), enter('b'), paste('a'), enter('a')] },
      fault: 'shop-api: "do a." was typed out of its order: 1,0',
    },
    {
      what: 'two that one crash interrupted',
      parts: { commands: [interrupted('a', 10), interrupted('b', 10)] },
      fault: 'shop-api: more than one was found interrupted by life 2',
    },
    {
      what: 'an end that the journal does not tell',
      parts: { journal: withoutLast },
      fault: 'the journal tells of b, sent: command_queued',
    },
    {
      what: 'an end that the stream tells twice',
      parts: { stream: (events) => [...events, { ...(events.at(-1) as MonitorEvent), seq: 5 }] },
      fault: 'the stream tells of b, sent: command_queued,command_sent,command_sent',
    },
    {
      what: 'a gap',
      parts: { stream: (events) => events.map((event) => ({ ...event, seq: event.seq + 1 })) },
      fault: 'the stream has event 2 in place 1',
    },
  ])('finds $what', ({ parts, fault }) => {
    expect(faultsOf(story(parts))).toContain(fault);
  });
});
