import { MonitorError, QueueFull } from '../../actors/errors.ts';

/** RFC 9457, with `code` for programs and `error` (the title again) for clients that expect one. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  error: string;
  errors?: { path: string; message: string }[] | undefined;
}

/** What this folder itself refuses; what the monitor refuses is a MonitorError. */
export class Refusal extends Error {
  readonly code: ProblemCode;
  readonly headers: Record<string, string>;
  readonly errors: Problem['errors'];
  constructor(
    detail: string,
    options: {
      code: ProblemCode;
      headers?: Record<string, string>;
      errors?: Problem['errors'];
    } & ErrorOptions,
  ) {
    super(detail, options);
    this.code = options.code;
    this.headers = options.headers ?? {};
    this.errors = options.errors;
  }
}

/** The one table of what each code answers. */
export const PROBLEMS = {
  bad_request: [400, 'Bad request'],
  invalid_field: [400, 'Invalid field'],
  choice_unknown: [400, 'Unknown choice'],
  unauthorized: [401, 'Unauthorized'],
  foreign_origin: [403, 'Foreign origin'],
  read_only: [403, 'Read only'],
  csrf_needed: [403, 'CSRF token needed'],
  not_found: [404, 'Not found'],
  session_not_found: [404, 'Session not found'],
  command_not_found: [404, 'Command not found'],
  machine_not_found: [404, 'Machine not found'],
  method_not_allowed: [405, 'Method not allowed'],
  request_timeout: [408, 'Request timeout'],
  command_not_queued: [409, 'Command not queued'],
  command_not_retryable: [409, 'Command not retryable'],
  command_not_unknown: [409, 'Command not unknown'],
  dialog_stale: [409, 'Dialog stale'],
  not_answerable: [409, 'Not answerable'],
  pane_gone: [410, 'Pane gone'],
  too_large: [413, 'Body too large'],
  unsupported_media_type: [415, 'Unsupported media type'],
  wrong_host: [421, 'Wrong host'],
  idempotency_mismatch: [422, 'Idempotency key used before'],
  upgrade_required: [426, 'Upgrade required'],
  queue_full: [429, 'Queue full'],
  too_many_failures: [429, 'Too many failures'],
  headers_too_large: [431, 'Headers too large'],
  internal: [500, 'Internal error'],
  not_implemented: [501, 'Not implemented'],
  tmux_failed: [502, 'tmux failed'],
  store_failed: [503, 'Store failed'],
  not_ready: [503, 'Not ready'],
  stopping: [503, 'Stopping'],
  too_many_connections: [503, 'Too many connections'],
  disk_low: [507, 'Disk low'],
} as const satisfies Record<string, readonly [number, string]>;
export type ProblemCode = keyof typeof PROBLEMS;

/** What is answered to an error. What nobody foresaw is a 500 that tells the caller nothing. */
export const toProblem = (error: unknown): Problem => {
  if (error instanceof Refusal) return problem(error.code, error.message, error.errors);
  if (error instanceof MonitorError && isCode(error.code))
    return problem(error.code, error.message);
  return problem('internal', 'The monitor could not answer; its log says why.');
};

/** The headers that go with the answer to an error. */
export const problemHeaders = (error: unknown): Record<string, string> => {
  if (error instanceof QueueFull) return { 'Retry-After': String(error.retryAfter) };
  return error instanceof Refusal ? error.headers : {};
};

const isCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEMS, code);

const problem = (code: ProblemCode, detail: string, errors?: Problem['errors']): Problem => {
  const [status, title] = PROBLEMS[code];
  const type = `urn:agent-monitor:error:${code}`;
  return { type, title, status, detail, code, error: title, ...(errors ? { errors } : {}) };
};
