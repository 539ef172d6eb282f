/** A live actor, and the inspector that looks at it. */

import { createActor, createMachine } from 'xstate';
import { createInspectHub } from '../../src/inspect/hub.ts';
import { createRecordedLog } from './recorded-log.ts';

const light = createMachine({
  id: 'light',
  initial: 'green',
  states: { green: { on: { WAIT: 'red' } }, red: {} },
});

/** What an inspector is told of it: that it is there, and, after a `WAIT`, what it did. */
export const HEARD = ['@xstate.actor', '@xstate.snapshot', '@xstate.event', '@xstate.snapshot'];

export const startInspected = () => {
  const hub = createInspectHub({
    clean: { text: (text) => text, isSecretKey: () => false },
    now: Date.now,
    log: createRecordedLog(),
  });
  const actor = createActor(light, { inspect: hub.inspect });
  actor.start();
  return { hub, actor };
};
