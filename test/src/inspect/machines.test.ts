import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { MachineNotFound } from '../../../actors/errors.ts';
import { commandMachine } from '../../../machines/command.ts';
import { sessionMachine } from '../../../machines/session.ts';
import { createMachines } from '../../../src/inspect/machines.ts';

const door = setup({
  types: { context: {} as { code: string } },
  guards: { isRight: () => true, isLate: () => false, isOpen: (_, __: { by: string }) => true },
}).createMachine({
  id: 'door',
  initial: 'closed',
  context: { code: 'hunter2' },
  states: {
    closed: {
      on: {
        'key.turned': { guard: 'isRight', target: 'open' },
        'handle.<pressed>': { guard: { type: 'isOpen', params: { by: 'hand' } }, target: 'open' },
        'bell.rung': { actions: assign({}) },
      },
    },
    open: {
      initial: 'wide',
      after: { 5000: 'closed' },
      states: { wide: { type: 'final' } },
    },
  },
});

const PLAIN = { text: (text: string) => text, isSecretKey: () => false };
const desk = createMachines([door, sessionMachine, commandMachine], {
  text: (text) => text.replaceAll('hunter2', '[secret]'),
  isSecretKey: () => false,
});

// A thread each, side by side.
beforeAll(async () => {
  await Promise.all(desk.list().map(({ id }) => desk.svg(id)));
}, 60_000);

describe('the machines', () => {
  it('are listed with their states and events', () => {
    expect(desk.list().map(({ id }) => id)).toEqual(['door', 'session', 'command']);
    expect(desk.list()[0]).toEqual({
      id: 'door',
      states: ['door', 'door.closed', 'door.open', 'door.open.wide'],
      events: ['key.turned', 'handle.<pressed>', 'bell.rung'],
    });
  });

  it('are defined as the editor takes them', () => {
    expect(desk.definition('session')).toMatchObject({
      id: 'session',
      type: 'parallel',
      states: { activity: { initial: 'reading', states: { stuck: { on: {} } } } },
    });
    expect(() => desk.definition('window')).toThrow(MachineNotFound);
  });

  it.each(['session', 'command'])('are drawn with every state of %s', async (id) => {
    const svg = await desk.svg(id);
    for (const state of desk.list().find((machine) => machine.id === id)?.states ?? [])
      expect(svg).toContain(`<g id="${state}" class="state `);
    expect(svg).not.toContain(' active"');
  });

  it('are drawn with guards, what stays where it is, and nothing that is not text', async () => {
    const svg = await desk.svg('door');
    expect(svg).toContain('>key.turned [isRight]<');
    expect(svg).toContain('>handle.&#60;pressed&#62; [isOpen hand]<');
    expect(svg).toContain('>after 5000 ms<');
    expect(svg).toContain('class="takes"');
    expect(svg).toContain('>bell.rung<');
    expect(svg).toMatch(/<g id="door\.closed" class="state leaf initial">/);
    expect(svg).toMatch(/<g id="door\.open\.wide" class="state final initial">/);
  });

  it('are drawn with combined guards as they combine', async () => {
    const svg = await desk.svg('session');
    expect(svg).toContain('[dialogIsUnanswered or textIsLeft]');
    expect(svg).toContain('[seesReading and (wasInterrupted or isFresh)]');
  });

  it('are lit where they are', async () => {
    const svg = await desk.svg('door', { open: 'wide' });
    const lit = [...svg.matchAll(/id="([^"]+)" class="[^"]* active"/g)].map(([, id]) => id);
    expect(lit).toEqual(['door', 'door.open', 'door.open.wide']);
  });

  it('are laid out once, and again only where that failed', async () => {
    let times = 0;
    const fresh = createMachines([door], PLAIN, async () => {
      times += 1;
      if (times === 1) throw new Error('no memory');
      return { width: 1, height: 1, boxes: [], arrows: [] };
    });
    await expect(fresh.svg('door')).rejects.toThrow('no memory');
    const [one, other] = await Promise.all([fresh.svg('door'), fresh.svg('door')]);
    expect(one).toBe(other);
    expect(times).toBe(2);
  });

  it('are laid out elsewhere than where the agents are watched', async () => {
    await desk.svg('door');
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    expect(loaded.filter((file) => file.includes('elkjs'))).toEqual([]);
  });

  it('tell of a stored snapshot where it is, what it knows and what may come', () => {
    expect(desk.look('door', { value: 'closed', context: { code: 'hunter2' } })).toEqual({
      value: 'closed',
      context: { code: '[secret]' },
      next: ['key.turned', 'handle.<pressed>', 'bell.rung'],
    });
  });
});
