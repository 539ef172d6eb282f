import { describe, expect, it } from 'vitest';
import { announcements } from '../../machines/announcements.ts';
import type { SessionSnapshot } from '../../machines/session.ts';
import type { SessionEvent } from '../../machines/session-context.ts';
import { agreedComplete, begin, FACTS, look, stepped } from '../support/sessions.ts';

const spec = (at: number, progress: number | null): SessionEvent => ({
  type: 'spec.read',
  progress,
  at,
});
const running = (...events: SessionEvent[]) => stepped(begin(), look(1_000, 'working'), ...events);
const told = ({ context: { progress, progressSource } }: SessionSnapshot) => [
  progress,
  progressSource,
];
const listed = (at: number) =>
  look(at, 'working', { progress: 66, todos: [{ text: 'test', status: 'open' }] });

describe('the checkboxes of a file', () => {
  it('are the progress of an agent that shows no list', () => {
    expect(told(running())).toEqual([0, 'none']);
    expect(told(running(spec(2_000, 50)))).toEqual([50, 'spec']);
    expect(told(running(spec(2_000, 50), spec(3_000, 75)))).toEqual([75, 'spec']);
    expect(told(running(spec(2_000, 50), spec(3_000, null)))).toEqual([0, 'none']);
  });

  it('give way to the list that the agent shows, and come back with a turn that shows none', () => {
    const listing = running(spec(2_000, 50), listed(3_000), spec(4_000, 60));
    expect(told(listing)).toEqual([66, 'todos']);
    const next = stepped(listing, ...agreedComplete(5_000), look(6_000, 'reading'));
    expect(told(next)).toEqual([60, 'spec']);
    const prompted = stepped(listing, ...agreedComplete(5_000), {
      type: 'hook.received',
      report: { tells: 'turn-started', evidence: 'test it' },
      at: 6_000,
    });
    expect(told(prompted)).toEqual([60, 'spec']);
  });

  it('are not overruled by the end of a turn, but by the file being gone', () => {
    const ended = running(spec(2_000, 50), ...agreedComplete(3_000));
    expect(told(ended)).toEqual([50, 'spec']);
    expect(told(stepped(ended, spec(4_000, null)))).toEqual([100, 'none']);
    const never = stepped(begin(), ...agreedComplete(1_000, { reason: 'ready' }));
    expect(told(stepped(never, spec(2_000, 50), spec(3_000, null)))).toEqual([0, 'none']);
  });

  it('stay where another agent takes the pane over', () => {
    const next = running(spec(2_000, 50), { type: 'agent.started', facts: FACTS, at: 3_000 });
    expect(told(next)).toEqual([50, 'spec']);
  });

  it('are told as progress, and neither change the state nor reset the stuck clock', () => {
    const before = running();
    const after = stepped(before, spec(2_000, 50));
    expect(announcements(before, after, 2_000, '')).toEqual([
      expect.objectContaining({
        event: 'progress',
        progress: 50,
        prevProgress: 0,
        progressSource: 'spec',
      }),
    ]);
    expect(after.value).toEqual(before.value);
    expect(after.context.meaningfulAt).toBe(before.context.meaningfulAt);
  });
});
