import { beforeEach, describe, expect, it } from 'vitest';
import type { HookOrigin, HookPayload } from '../../../actors/ports.ts';
import { createTies, type HookedAgent, type Ties } from '../../../src/hooks/ties.ts';
import { FACTS } from '../../support/sessions.ts';

const SERVER = { pid: 10, startTime: 1000 };
const UNSAID: HookOrigin = { pane: null, serverPid: null, agent: null };

let agents: Map<string, HookedAgent>;
let ties: Ties;

beforeEach(() => {
  agents = new Map();
  ties = createTies(() => agents);
});

const watch = (key: string, facts: Partial<HookedAgent['facts']>, more = {}) =>
  agents.set(key, { server: SERVER, facts: { ...FACTS, ...facts }, exited: false, ...more });

const find = (payload: HookPayload, origin: Partial<HookOrigin> = {}) =>
  ties.find({ hook_event_name: 'PreToolUse', cwd: FACTS.cwd, ...payload }, { ...UNSAID, ...origin })
    ?.keys ?? null;

describe('by the pane that it names', () => {
  beforeEach(() => {
    watch('one', { pane: '%1', agentPid: 101 });
    watch('two', { pane: '%2', agentPid: 102 });
  });

  it('is about the session that shows it, however many work in that folder', () => {
    expect(find({}, { pane: '%2', serverPid: 10 })).toEqual(['two']);
    expect(find({}, { pane: '%1' })).toEqual(['one']);
  });

  it('is not about an agent of another make, whose command has inherited the pane', () => {
    const there = { pane: '%2', serverPid: 10 };
    expect(find({}, { ...there, agent: 'claude-code' })).toEqual(['two']);
    expect(find({}, { ...there, agent: 'codex' })).toBeNull();
    watch('two', { pane: '%2', agentPid: 102, kind: 'wrapped-codex' });
    expect(find({}, { ...there, agent: 'codex' })).toEqual(['two']);
  });

  it('is about all sessions of a group', () => {
    watch('three', { pane: '%2', agentPid: 102, sessionId: '$3' });
    expect(find({}, { pane: '%2', serverPid: 10 })).toEqual(['two', 'three']);
  });

  it.each([
    { title: 'on another tmux server', origin: { pane: '%2', serverPid: 11 } },
    { title: 'that is not watched', origin: { pane: '%3', serverPid: 10 } },
    { title: 'that there is none of, outside of tmux', origin: { pane: '' } },
  ])('is about none where it is one $title', ({ origin }) => {
    agents.delete('one');
    find({ session_id: 'known' }, { pane: '%2', serverPid: 10 });
    expect(find({ session_id: 'known' }, origin)).toBeNull();
  });
});

describe('by its conversation', () => {
  it('is about the pane of an earlier hook that named it', () => {
    watch('one', { pane: '%1', agentPid: 101 });
    watch('two', { pane: '%2', agentPid: 102 });
    find({ session_id: 's2' }, { pane: '%2', serverPid: 10 });
    expect(find({ session_id: 's2', cwd: '/elsewhere' })).toEqual(['two']);
    expect(find({ session_id: 's9' })).toEqual(['one']);
  });

  it('is not about another agent in that pane', () => {
    watch('two', { pane: '%2', agentPid: 102 });
    find({ session_id: 's2' }, { pane: '%2' });
    watch('two', { pane: '%2', agentPid: 202 });
    expect(find({ session_id: 's2', cwd: '/elsewhere' })).toBeNull();
  });

  it('is the thread of Codex', () => {
    watch('one', { kind: 'codex' });
    expect(find({ type: 'agent-turn-complete', 'thread-id': 't1' })).toEqual(['one']);
    expect(find({ session_id: 't1', cwd: '/elsewhere' })).toEqual(['one']);
  });

  it('forgets the oldest of very many', () => {
    watch('one', { pane: '%1', agentPid: 101 });
    for (let number = 0; number <= 1_000; number += 1)
      find({ session_id: String(number) }, { pane: '%1' });
    expect(find({ session_id: '1', cwd: '/elsewhere' })).toEqual(['one']);
    expect(find({ session_id: '0', cwd: '/elsewhere' })).toBeNull();
  });
});

describe('by its folder', () => {
  it('is about the only agent of that make there', () => {
    watch('one', { pane: '%1', agentPid: 101 });
    watch('other', { pane: '%2', agentPid: 102, cwd: '/elsewhere' });
    watch('codex', { pane: '%3', agentPid: 103, kind: 'codex' });
    expect(find({})).toEqual(['one']);
    expect(find({ turn_id: 't' })).toEqual(['codex']);
    expect(find({ transcript_path: '/home/user/.codex/sessions/r.jsonl' })).toEqual(['codex']);
    expect(find({ transcript_path: '/srv/codex/sessions/r.jsonl' })).toEqual(['one']);
    const said = { agent: 'codex' };
    expect(find({ transcript_path: '/srv/codex/sessions/r.jsonl' }, said)).toEqual(['codex']);
  });

  it.each([
    { title: 'two work there', facts: {}, more: {} },
    { title: 'its agent has exited', facts: null, more: { exited: true } },
    { title: 'no process is known', facts: null, more: {}, agentPid: null },
  ])('is about none where $title', ({ facts, more, agentPid = 101 }) => {
    watch('one', { pane: '%1', agentPid }, more);
    if (facts) watch('two', { pane: '%2', agentPid: 102 });
    expect(find({})).toBeNull();
  });

  it('is not about an agent whose conversation is another, until that has ended', () => {
    watch('one', { pane: '%1', agentPid: 101 });
    expect(find({ session_id: 's1' })).toEqual(['one']);
    expect(find({ session_id: 's2' })).toBeNull();
    find({ session_id: 's1', hook_event_name: 'SessionEnd' });
    expect(find({ session_id: 's2' })).toEqual(['one']);
  });
});
