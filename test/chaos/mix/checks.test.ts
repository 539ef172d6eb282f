import { describe, expect, it } from 'vitest';
import { type LifeStory, type MixStory, violationsOf } from '../../../chaos/mix/checks.ts';
import type { Command, MonitorEvent } from '../../../machines/vocabulary.ts';

const FIRST = 'do #1 of agent 1.';
const SECOND = 'do #2 of agent 1.';

const command = (id: string, text: string, more: Partial<Command> = {}): Command => ({
  ...{ id, session: 'agent-1', command: text, source: 'zoe', when: 'safe', status: 'sent' },
  ...{ evidence: 'composer-emptied', attempts: 1, error: null, createdAt: 10, startedAt: 11 },
  ...{ finishedAt: 12, expiresAt: 100, retryOf: null, resolution: null },
  ...more,
});

const life = (more: Partial<LifeStory> = {}): LifeStory => ({
  ...{ agent: 0, startedAt: 1, endedAt: null, status: null, asked: false },
  ...{ pasted: [FIRST, SECOND], submitted: [FIRST, SECOND], pauses: [] },
  ...more,
});

const eventsOf = (commands: readonly Command[]): MonitorEvent[] =>
  commands
    .flatMap(({ id, status }) => [
      { event: 'command_queued' as const, id },
      { event: `command_${status}` as MonitorEvent['event'], id },
    ])
    .map((event, index) => ({
      ...{ ...event, session: 'agent-1', timestamp: 1, seq: index + 1, epoch: 'e', host: 'h' },
    }));

/** A run in which all went well, but for what is given. */
const story = (more: Partial<MixStory> = {}): MixStory => {
  const commands = more.commands ?? [command('a', FIRST), command('b', SECOND)];
  const journal = more.journal ?? eventsOf(commands);
  return {
    sent: [
      { agent: 0, text: FIRST, id: 'a' },
      { agent: 0, text: SECOND, id: 'b' },
    ],
    ...{ commands, journal, stream: journal, read: journal, resets: 0 },
    ...{ lives: [life()], machinePauses: [], others: ['hmmm'] },
    ...more,
  };
};

const second = (more: Partial<Command>): Command[] => [
  command('a', FIRST),
  command('b', SECOND, more),
];
const all = eventsOf([command('a', FIRST), command('b', SECOND)]);
const lastOf = all.at(-1) as MonitorEvent;

describe('violationsOf', () => {
  it.each<{ what: string; is: Partial<MixStory> }>([
    { what: 'where all went well', is: {} },
    {
      what: 'in a command that was typed and is unknown',
      is: { commands: second({ status: 'unknown' }) },
    },
    {
      what: 'in one that was refused and never typed',
      is: {
        sent: [
          { agent: 0, text: FIRST, id: 'a' },
          { agent: 0, text: SECOND, id: null },
        ],
        commands: [command('a', FIRST)],
        lives: [life({ pasted: [FIRST], submitted: [FIRST] })],
      },
    },
    {
      what: 'in one that was typed again since someone asked for that',
      is: {
        commands: [
          ...second({ status: 'unknown', evidence: 'none' }),
          command('c', SECOND, { retryOf: 'b' }),
        ],
        lives: [life({ pasted: [FIRST, SECOND, SECOND], submitted: [FIRST, SECOND, SECOND] })],
      },
    },
    {
      what: 'in what a person had a part in',
      is: { lives: [life({ submitted: [FIRST, SECOND, 'hmmm, or not'] })] },
    },
    {
      what: 'in an agent that stood still with the whole machine',
      is: {
        lives: [life({ pauses: [{ from: 1_000, to: 9_000 }] })],
        machinePauses: [{ from: 2_000, to: 5_000 }],
      },
    },
  ])('finds nothing $what', ({ is }) => {
    expect(violationsOf(story(is))).toEqual([]);
  });

  it.each<{ what: string; is: Partial<MixStory>; says: RegExp }>([
    {
      what: 'a command that was lost',
      is: { commands: [command('a', FIRST)] },
      says: /"do #2 of agent 1\." was accepted as b and is lost/,
    },
    {
      what: 'one that never ended',
      is: { commands: second({ status: 'queued' }) },
      says: /\(b\) was left queued/,
    },
    {
      what: 'one that was typed twice',
      is: { lives: [life({ pasted: [FIRST, SECOND, SECOND] })] },
      says: /"do #2.* was typed 2 times/,
    },
    {
      what: 'one that was typed into two lives',
      is: { lives: [life({ endedAt: 50 }), life({ pasted: [SECOND], submitted: [] })] },
      says: /"do #2.* was typed 2 times/,
    },
    {
      what: 'one that was typed though it is said that it was not',
      is: { commands: second({ status: 'cancelled', evidence: 'not-typed' }) },
      says: /"do #2.* was typed 1 times/,
    },
    {
      what: 'one that was submitted twice',
      is: { lives: [life({ submitted: [FIRST, SECOND, SECOND] })] },
      says: /"do #2.* was submitted 2 times/,
    },
    {
      what: 'one that failed and was submitted',
      is: { commands: second({ status: 'failed' }) },
      says: /"do #2.* was submitted 1 times/,
    },
    {
      what: 'one that is called sent and was not',
      is: { lives: [life({ submitted: [FIRST] })] },
      says: /"do #2.* was submitted only 0 times/,
    },
    {
      what: 'one that was typed into another agent',
      is: { lives: [life({ agent: 3 })] },
      says: /"do #1 of agent 1\." was typed into agent 4/,
    },
    {
      what: 'one that was typed into an agent begun after it was accepted',
      is: { lives: [life({ startedAt: 11 })] },
      says: /was meant for another life of agent 1/,
    },
    {
      what: 'one that was typed into an agent that had ended',
      is: { lives: [life({ endedAt: 9 })] },
      says: /was meant for another life of agent 1/,
    },
    {
      what: 'a wrong order',
      is: { lives: [life({ pasted: [SECOND, FIRST] })] },
      says: /"do #1 of agent 1\." was typed after "do #2 of agent 1\."/,
    },
    {
      what: 'two that became one prompt',
      is: { lives: [life({ submitted: [`${FIRST}${SECOND}`] })] },
      says: /"do #1 of agent 1\.do #2 of agent 1\." was submitted to agent 1 and never sent/,
    },
    {
      what: 'an end that the journal does not tell',
      is: { journal: all.slice(0, -1) },
      says: /the journal tells of b, sent: command_queued$/,
    },
    {
      what: 'an end that the journal tells twice',
      is: { journal: [...all, { ...lastOf, seq: 5 }] },
      says: /the journal tells of b, sent: command_queued,command_sent,command_sent/,
    },
    {
      what: 'a gap in the journal',
      is: { journal: all.map((event) => ({ ...event, seq: event.seq + 1 })) },
      says: /the journal has event 2 in place 1/,
    },
    {
      what: 'a second epoch',
      is: { journal: [...all.slice(0, -1), { ...lastOf, epoch: 'f' }] },
      says: /the journal has 2 epochs/,
    },
    {
      what: 'an agent that was called stuck',
      is: { journal: [...all, { ...lastOf, event: 'agent_stuck', seq: 5 }] },
      says: /agent-1 was called stuck/,
    },
    {
      what: 'an event that the stream does not have',
      is: { stream: all.slice(0, -1) },
      says: /the stream has undefined in the place of .*"seq":4/,
    },
    {
      what: 'another event in the stream',
      is: { stream: [...all.slice(0, -1), { ...lastOf, timestamp: 2 }] },
      says: /the stream has .*"timestamp":2/,
    },
    {
      what: 'an event too many in the stream',
      is: { stream: [...all, lastOf] },
      says: /the stream has 1 events more/,
    },
    {
      what: 'an event that the reader did not get',
      is: { read: all.toSpliced(1, 1) },
      says: /the reader has .*"seq":3.* in the place of .*"seq":2/,
    },
    {
      what: 'a reader that missed something',
      is: { resets: 1 },
      says: /the reader was told 1 times/,
    },
    {
      what: 'an agent that stood still',
      is: { lives: [life({ pauses: [{ from: 1_000, to: 4_000 }] })] },
      says: /agent 1 stood still for 3000 ms/,
    },
    {
      what: 'an agent that ended though nobody ended it',
      is: { lives: [life({ endedAt: 90, status: 70 })] },
      says: /agent 1 ended by itself with 70/,
    },
  ])('finds $what', ({ is, says }) => {
    expect(violationsOf(story(is))).toContainEqual(expect.stringMatching(says));
  });
});
