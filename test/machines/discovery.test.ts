import { describe, expect, it } from 'vitest';
import {
  type AgentSighting,
  reconcile,
  sessionKey,
  type Wanted,
  type Watched,
} from '../../machines/discovery.ts';
import type { Pane } from '../../machines/vocabulary.ts';

const SERVER = { pid: 10, startTime: 1_000 };
const KEY = sessionKey(SERVER, '$1');

const ANY_AGENT: Wanted = { named: () => false, admits: () => true, kindOf: () => null };

const pane = (parts: Partial<Pane> = {}): Pane => ({
  sessionId: '$1',
  session: 'shop-api',
  windowId: '@1',
  paneId: '%1',
  pid: 100,
  command: 'claude',
  title: '✳ Claude Code',
  cwd: '/home/user/project',
  width: 120,
  height: 40,
  active: true,
  dead: false,
  deadStatus: null,
  fragile: false,
  ...parts,
});

const claude = (pid = 101): AgentSighting => ({ kind: 'claude-code', pid });

const find = (
  panes: Pane[],
  sightings: Record<string, AgentSighting>,
  watched = new Map<string, Watched>(),
  wanted = ANY_AGENT,
) => reconcile(watched, { server: SERVER, panes }, new Map(Object.entries(sightings)), wanted);

/** What is watched after a first listing found this. */
const watching = (panes: Pane[], sightings: Record<string, AgentSighting>, exited = false) => {
  const [found] = find(panes, sightings);
  if (found?.type !== 'session.found') throw new Error('nothing was found');
  return new Map([[found.key, { server: found.server, facts: found.facts, exited }]]);
};

describe('a session not yet watched', () => {
  it('is found with the pane that runs the agent, be it active or not', () => {
    const panes = [pane({ paneId: '%1' }), pane({ paneId: '%2', active: false })];
    expect(find(panes, { '%2': claude() })).toMatchObject([
      {
        type: 'session.found',
        key: KEY,
        facts: { pane: '%2', kind: 'claude-code', agentPid: 101 },
      },
    ]);
  });

  it('prefers the active one of several agents, and lists the others', () => {
    const panes = [pane({ paneId: '%1', active: false }), pane({ paneId: '%2' })];
    const both = { '%1': { kind: 'codex' as const, pid: 7 }, '%2': claude() };
    expect(find(panes, both)).toMatchObject([
      { facts: { pane: '%2', otherPanes: [{ pane: '%1', kind: 'codex' }] } },
    ]);
  });

  it('is left alone where no agent runs in it', () => {
    expect(find([pane()], {})).toEqual([]);
  });

  it('is watched as a plain shell where it was named', () => {
    const named = { ...ANY_AGENT, named: (session: string) => session === 'shop-api' };
    expect(find([pane({ command: 'bash' })], {}, new Map(), named)).toMatchObject([
      { type: 'session.found', facts: { kind: 'generic', agentPid: null } },
    ]);
  });

  it('is left alone where others were named', () => {
    const others = { ...ANY_AGENT, admits: () => false };
    expect(find([pane()], { '%1': claude() }, new Map(), others)).toEqual([]);
  });

  it('takes the kind that was set by hand', () => {
    const byHand = { ...ANY_AGENT, kindOf: () => 'codex' as const };
    expect(find([pane()], {}, new Map(), byHand)).toMatchObject([{ facts: { kind: 'codex' } }]);
  });
});

describe('a watched session', () => {
  const watched = () => watching([pane()], { '%1': claude() });

  it('that is as before says nothing', () => {
    expect(find([pane()], { '%1': claude() }, watched())).toEqual([]);
  });

  it('renamed is the same session', () => {
    const renamed = [pane({ session: 'shop-web' })];
    expect(find(renamed, { '%1': claude() }, watched())).toMatchObject([
      { type: 'session.changed', key: KEY, facts: { session: 'shop-web' } },
    ]);
  });

  it('keeps its pane while the agent lives, whatever is split or selected', () => {
    const panes = [pane({ active: false }), pane({ paneId: '%2', command: 'bash' })];
    expect(find(panes, { '%1': claude() }, watched())).toEqual([]);
    const another = find(panes, { '%1': claude(), '%2': claude(300) }, watched());
    expect(another).toMatchObject([{ type: 'session.changed', facts: { pane: '%1' } }]);
  });

  it('follows to another agent when its own pane is gone', () => {
    const panes = [pane({ paneId: '%2' })];
    expect(find(panes, { '%2': claude(300) }, watched())).toMatchObject([
      { type: 'agent.exited', key: KEY },
      { type: 'agent.started', facts: { pane: '%2', agentPid: 300 } },
    ]);
  });

  it('whose agent ended says so once, and keeps its pane', () => {
    const shell = [pane({ command: 'bash', title: '' })];
    const findings = find(shell, {}, watched());
    expect(findings.map(({ type }) => type)).toEqual(['session.changed', 'agent.exited']);
    const after = new Map([...watched()].map(([key, one]) => [key, { ...one, exited: true }]));
    expect(find(shell, {}, after).map(({ type }) => type)).toEqual(['session.changed']);
  });

  it('whose pane stays behind dead gives the exit status', () => {
    const dead = [pane({ dead: true, deadStatus: 3 })];
    expect(find(dead, {}, watched())).toContainEqual({
      type: 'agent.exited',
      key: KEY,
      status: 3,
    });
  });

  it('in which an agent starts again, or another one takes over, has a new agent', () => {
    const again = watching([pane()], { '%1': claude() }, true);
    expect(find([pane()], { '%1': claude(202) }, again)).toMatchObject([{ type: 'agent.started' }]);
    expect(find([pane()], { '%1': { kind: 'codex', pid: 202 } }, watched())).toMatchObject([
      { type: 'agent.started', facts: { kind: 'codex' } },
    ]);
  });

  it('is gone with its session, and with its server', () => {
    const other = [pane({ sessionId: '$2' })];
    expect(find(other, {}, watched())).toEqual([{ type: 'session.gone', key: KEY }]);
    expect(reconcile(watched(), null, new Map(), ANY_AGENT)).toEqual([
      { type: 'session.gone', key: KEY },
    ]);
  });

  it('is another one on another life of the server, though id and name are the same', () => {
    const next = { server: { pid: 99, startTime: 2_000 }, panes: [pane()] };
    const findings = reconcile(watched(), next, new Map([['%1', claude()]]), ANY_AGENT);
    expect(findings.map(({ type }) => type)).toEqual(['session.gone', 'session.found']);
  });
});
