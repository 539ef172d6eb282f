/** Carries out one command: does what the machine decides, and tells it what came of it. */

import { initialTransition, transition } from 'xstate';
import { commandMachine } from '../machines/command.ts';
import type { CommandEvent, Outcome, Reading } from '../machines/command-context.ts';
import { nextStep, type Step } from '../machines/command-step.ts';
import type { AgentKind } from '../machines/vocabulary.ts';
import { TmuxFailed, TypingUnknown } from './errors.ts';
import type { Clock, HookedPrompts, Log, PaneReader, StoredCommand, Typist } from './ports.ts';

export interface DeliveryPorts {
  typist: Typist;
  reader: PaneReader;
  /** Absent where no agent's hooks are heard. */
  prompts?: HookedPrompts;
  clock: Clock;
  log: Log;
}

export interface DeliveryRequest {
  command: StoredCommand;
  kind: AgentKind;
  /** The look that says that it may be typed now. */
  first: Reading;
  /** Called before the first byte is typed; where it answers false, none is. */
  begin(): boolean;
  signal: AbortSignal;
}

/** Answers `put-back` where nothing was typed and it may be tried again, null where it must not go on. */
export const deliver = async (
  ports: DeliveryPorts,
  { command, kind, first, begin, signal }: DeliveryRequest,
): Promise<Outcome | 'put-back' | null> => {
  const { clock } = ports;
  const begunAt = clock.monotonic();
  const input = { order: command, kind, first, at: begunAt };
  let [snapshot] = initialTransition(commandMachine, input);
  let begun = false;
  for (;;) {
    const step = nextStep(snapshot, clock.monotonic());
    if (step.do === 'end') return step.outcome ?? 'put-back';
    if (!begun && !begin()) return null;
    begun = true;
    const event = await carryOut(ports, step, { command, kind, begunAt });
    if (signal.aborted) return null;
    [snapshot] = transition(commandMachine, snapshot, event);
  }
};

const carryOut = async (
  ports: DeliveryPorts,
  step: Exclude<Step, { do: 'end' }>,
  underWay: UnderWay,
): Promise<CommandEvent> => {
  const { clock, typist } = ports;
  const { command } = underWay;
  const { target } = command;
  switch (step.do) {
    case 'paste':
      return typed(ports, command, typist.paste(target, step.text, step.guard));
    case 'press':
      return typed(ports, command, typist.press(target, step.keys, step.guard));
    case 'look':
      await pause(clock, step.afterMs);
      return step.awaitsPrompt && wasSubmitted(ports, underWay)
        ? { type: 'prompt.submitted', at: clock.monotonic() }
        : look(ports, underWay);
    case 'wait':
      await pause(clock, step.ms);
      return { type: 'clock.ticked', at: clock.monotonic() };
  }
};

interface UnderWay {
  command: StoredCommand;
  kind: AgentKind;
  /** On the clock that nobody sets. */
  begunAt: number;
}

const wasSubmitted = ({ prompts }: DeliveryPorts, { command, begunAt }: UnderWay): boolean =>
  prompts?.submitted(command.target, command.command, begunAt) ?? false;

const typed = async (
  { clock, log }: DeliveryPorts,
  { id, session }: StoredCommand,
  typing: ReturnType<Typist['paste']>,
): Promise<CommandEvent> => {
  const type = await typing.then(
    (came) => EVENTS[came],
    (error: unknown) => {
      if (!(error instanceof TypingUnknown || error instanceof TmuxFailed)) throw error;
      log.warn({ id, session, error: error.message }, 'tmux did not type');
      // Where tmux says that it failed, it did so before the first byte.
      return error instanceof TypingUnknown ? 'keys.unknown' : 'keys.blocked';
    },
  );
  return { type, at: clock.monotonic() };
};

const EVENTS = { typed: 'keys.typed', blocked: 'keys.blocked', gone: 'pane.gone' } as const;

const look = async (
  { reader, clock, log }: DeliveryPorts,
  { command: { id, session, target }, kind }: UnderWay,
): Promise<CommandEvent> => {
  try {
    const sight = await reader.read(target, kind);
    const at = clock.monotonic();
    return sight ? { type: 'screen.looked', sight, at } : { type: 'pane.gone', at };
  } catch (error) {
    if (!(error instanceof TmuxFailed)) throw error;
    log.debug({ id, session, error: error.message }, 'the pane could not be looked at');
    return { type: 'clock.ticked', at: clock.monotonic() };
  }
};

export const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.setTimeout(resolve, ms);
  });
