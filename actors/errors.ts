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
