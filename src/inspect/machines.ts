import { type AnyMachineSnapshot, type AnyStateMachine, getNextTransitions } from 'xstate';
import { MachineNotFound } from '../../actors/errors.ts';
import type { Machines } from '../../actors/ports.ts';
import { type Chart, layOut } from './chart.ts';
import { type Clean, toPlain } from './plain.ts';
import { drawSvg } from './svg.ts';

/** The definitions of the machines that run here, drawn when first asked for and then kept. */
export const createMachines = (
  machines: readonly AnyStateMachine[],
  clean: Clean,
  draw: (machine: AnyStateMachine) => Promise<Chart> = layOut,
): Machines => {
  const charts = new Map<string, Promise<Chart>>();
  const find = (id: string): AnyStateMachine => {
    const found = machines.find((machine) => machine.id === id);
    if (!found)
      throw new MachineNotFound(
        id,
        machines.map((machine) => machine.id),
      );
    return found;
  };
  const chartOf = (id: string): Promise<Chart> => {
    const known = charts.get(id) ?? draw(find(id));
    charts.set(id, known);
    // Asked for again, it is tried again.
    known.catch(() => charts.delete(id));
    return known;
  };

  return {
    list: () =>
      machines.map((machine) => ({
        id: machine.id,
        states: statesOf(machine.root).map(({ id }) => id),
        events: machine.events.filter((event) => !event.startsWith('xstate.')),
      })),
    definition: (id) => toPlain(find(id).config, clean, DEFINITION_DEPTH),
    svg: async (id, value) => {
      const machine = find(id);
      const active = value === undefined ? [] : activeIn(machine, value);
      return drawSvg(await chartOf(id), { title: `The ${id} machine`, active });
    },
    look: (id, stored) => {
      const machine = find(id);
      const snapshot = machine.resolveState(stored as never) as AnyMachineSnapshot;
      return {
        value: snapshot.value,
        context: toPlain(snapshot.context, clean) as Record<string, unknown>,
        next: [...new Set(getNextTransitions(snapshot).map(({ eventType }) => eventType))],
      };
    },
  };
};

/** A state nests deeper in its definition than what actors hold. */
const DEFINITION_DEPTH = 30;

const statesOf = (node: AnyStateMachine['root']): AnyStateMachine['root'][] => [
  node,
  ...Object.values(node.states).flatMap((child) => statesOf(child)),
];

const activeIn = (machine: AnyStateMachine, value: unknown): string[] => {
  const { _nodes } = machine.resolveState({ value, context: {} } as never) as {
    _nodes: { id: string }[];
  };
  return _nodes.map(({ id }) => id);
};
