/** Every error that crosses a folder. The code names it on the wire; the message has the bad value. */

export abstract class MonitorError extends Error {
  abstract readonly code: string;
}

export class SessionNotFound extends MonitorError {
  readonly code = 'session_not_found';
  constructor(session: string) {
    super(`no watched session is named "${session}"; GET /api/agents lists them`);
  }
}

export class PaneGone extends MonitorError {
  readonly code = 'pane_gone';
  constructor(target: string, options?: ErrorOptions) {
    super(`tmux no longer has ${target}`, options);
  }
}

export class TmuxFailed extends MonitorError {
  readonly code = 'tmux_failed';
}

export class StoreFailed extends MonitorError {
  readonly code = 'store_failed';
}

/** The event stream in Redis was written by a monitor on another host. */
export class BusForeign extends MonitorError {
  readonly code = 'bus_foreign';
}

/** A setting, or all bad ones together, that make it impossible to start. */
export class BadSettings extends MonitorError {
  readonly code = 'bad_settings';
}

export class AlreadyRunning extends MonitorError {
  readonly code = 'already_running';
}

export class QueueFull extends MonitorError {
  readonly code = 'queue_full';
  /** Seconds after which it makes sense to ask again. */
  readonly retryAfter: number;
  constructor(message: string, retryAfter: number) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

/** The idempotency key was used before, with another body. */
export class IdempotencyMismatch extends MonitorError {
  readonly code = 'idempotency_mismatch';
}

export class CommandNotFound extends MonitorError {
  readonly code = 'command_not_found';
  constructor(id: string) {
    super(`no command has the id "${id}"; ended ones are kept for a week`);
  }
}

/** It is being typed or has ended: it can no longer be cancelled. */
export class CommandNotQueued extends MonitorError {
  readonly code = 'command_not_queued';
}

export class CommandNotUnknown extends MonitorError {
  readonly code = 'command_not_unknown';
}

/** It was sent, or may still be: there is nothing to try again. */
export class CommandNotRetryable extends MonitorError {
  readonly code = 'command_not_retryable';
}

/** Another dialog is showing than the one that was answered, or none. */
export class DialogStale extends MonitorError {
  readonly code = 'dialog_stale';
}

/** The dialog that is showing has no such option, or takes it in another way. */
export class ChoiceUnknown extends MonitorError {
  readonly code = 'choice_unknown';
}

/** Only the agent's own terminal can answer it so. */
export class NotAnswerable extends MonitorError {
  readonly code = 'not_answerable';
}

/** The disk has too little room left to promise that anything is kept. */
export class DiskLow extends MonitorError {
  readonly code = 'disk_low';
}

/** tmux did not answer whether it typed. */
export class TypingUnknown extends MonitorError {
  readonly code = 'typing_unknown';
}

export class MachineNotFound extends MonitorError {
  readonly code = 'machine_not_found';
  constructor(id: string, known: readonly string[]) {
    super(`no machine is named "${id}"; there are ${known.join(', ')}`);
  }
}
