/** Which states of a machine are lit, by the ids of its drawing. Pure. */

/** XState's value: one state's name, or the regions by name with the value of each. */
export type MachineValue = string | { [region: string]: MachineValue };

/** The machine itself, and all that it is in, from the outside in. */
export const litStates = (machine: string, value: MachineValue): string[] =>
  typeof value === 'string'
    ? [machine, `${machine}.${value}`]
    : [
        machine,
        ...Object.entries(value).flatMap(([region, inner]) =>
          litStates(`${machine}.${region}`, inner),
        ),
      ];

/** What it is in, for reading: `activity: working`. */
export const leavesOf = (value: MachineValue, region = ''): { region: string; state: string }[] =>
  typeof value === 'string'
    ? [{ region, state: value }]
    : Object.entries(value).flatMap(([name, inner]) =>
        leavesOf(inner, region === '' ? name : `${region}.${name}`),
      );

/** The arrow that a change of activity went along. */
export const takenArrow = (prevState: string | null, state: string): string | null =>
  prevState === null ? null : `session.activity.${prevState}->session.activity.${state}`;
