import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOldNews } from '../../machines/old-news.ts';
import type { SessionEvent } from '../../machines/session-context.ts';
import {
  type Activity,
  ATTENTIONS,
  type Attention,
  type HookReport,
  type ToolSighting,
  type Verdict,
} from '../../machines/vocabulary.ts';
import {
  APPROVAL,
  agreedComplete,
  begin,
  FACTS,
  INPUT,
  look,
  stepped,
} from '../support/sessions.ts';

const working = () => stepped(begin(), look(1_000, 'working'));
const complete = () => stepped(working(), ...agreedComplete(2_000));

const sighting = (tool: ToolSighting['tool'], line: number, count: number): ToolSighting => ({
  ...{ tool, line, count, target: '', collapsed: false, failed: false },
});
const hook = (report: HookReport): SessionEvent => ({ type: 'hook.received', report, at: 0 });

describe('isOldNews', () => {
  it.each([
    { from: working(), now: look(2_000, 'working'), shows: 'a turn that goes on' },
    {
      from: working(),
      now: look(2_000, 'reading', { fingerprint: 'screen of working' }),
      shows: 'reading in a working turn',
    },
    { from: complete(), now: look(9_000, 'complete'), shows: 'a prompt that still waits' },
    {
      from: complete(),
      now: { type: 'spec.read', progress: null, at: 9_000 } as const,
      shows: 'that there is still no specification',
    },
  ])('is $shows', ({ from, now }) => {
    expect(isOldNews(from, now)).toBe(true);
  });

  it.each([
    { from: begin(), now: look(1_000, 'working'), shows: 'what is seen for the first time' },
    {
      from: working(),
      now: look(2_000, 'working', { fingerprint: 'other' }),
      shows: 'another screen',
    },
    {
      from: working(),
      now: look(2_000, 'working', { toolRunning: true }),
      shows: 'a tool that began',
    },
    { from: working(), now: look(2_000, 'working', { progress: 50 }), shows: 'progress' },
    {
      from: working(),
      now: look(2_000, 'working', { attention: 'approval', dialog: APPROVAL }),
      shows: 'a dialog',
    },
    {
      from: stepped(working(), look(2_000, 'complete')),
      now: look(2_100, 'complete'),
      shows: 'an agreement under way',
    },
    { from: complete(), now: { type: 'clock.ticked', at: 9_000 } as const, shows: 'no look' },
  ])('is not $shows', ({ from, now }) => {
    expect(isOldNews(from, now)).toBe(false);
  });

  it('only calls old what leaves the machine as it is', { timeout: 30_000 }, () => {
    const some = <T>(...values: T[]) => fc.constantFrom(...values);
    const more: fc.Arbitrary<Partial<Verdict>> = fc
      .record({
        toolRunning: some(false, false, false, true),
        attention: fc.oneof(
          { weight: 9, arbitrary: some<Attention>('none') },
          { weight: 1, arbitrary: some(...ATTENTIONS) },
        ),
        progress: some(null, null, 40, 60),
        fingerprint: some('a', 'a', 'a', 'b'),
        // Seconds tick on a screen that says the same.
        thought: some(5, 9),
      })
      .map(({ thought, ...fields }) => ({
        ...fields,
        sightings: [
          sighting('read', 1, 1),
          ...(fields.fingerprint === 'a' ? [] : [sighting('think', 2, thought)]),
        ],
        dialog: fields.attention === 'approval' ? APPROVAL : null,
        todos: fields.progress === null ? [] : [{ text: 'one', status: 'open' as const }],
      }));
    const activities = fc.oneof(
      { weight: 4, arbitrary: some<Activity>('reading', 'working', 'complete') },
      { weight: 1, arbitrary: some<Activity>('idle', 'error', 'unknown') },
    );
    const event: fc.Arbitrary<SessionEvent> = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.tuple(activities, more).map(([activity, rest]) => look(0, activity, rest)),
      },
      {
        weight: 1,
        arbitrary: some<SessionEvent>(
          { type: 'clock.ticked', at: 0 },
          { type: 'clock.jumped', at: 0 },
          { type: 'agent.exited', status: 1, at: 0 },
          hook({ tells: 'turn-started', evidence: 'a prompt' }),
          hook({ tells: 'turn-ended', background: 0, evidence: 'the end' }),
          hook({ tells: 'turn-ended', background: 1, evidence: 'nearly the end' }),
          hook({ tells: 'turn-failed', evidence: 'no' }),
          { type: 'agent.started', facts: FACTS, at: 0 },
          { type: 'spec.read', progress: 60, at: 0 },
          { type: 'spec.read', progress: null, at: 0 },
          { type: 'session.resumed', facts: FACTS, policy: INPUT.policy, restarts: 1, at: 0 },
        ),
      },
    );
    let old = 0;
    const steps = fc.array(fc.tuple(event, some(0, 100, 400, 400_000)), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (events) => {
        let at = 0;
        let snapshot = begin();
        for (const [one, passed] of events) {
          at += passed;
          const now = { ...one, at };
          const next = stepped(snapshot, now);
          if (isOldNews(snapshot, now)) {
            old += 1;
            expect(next.value).toEqual(snapshot.value);
            expect(next.context).toEqual(snapshot.context);
          }
          snapshot = next;
        }
      }),
      { numRuns: 700 },
    );
    expect(old).toBeGreaterThan(50);
  });
});
