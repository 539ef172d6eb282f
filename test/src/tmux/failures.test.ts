import { describe, expect, test } from 'vitest';
import {
  ConnectionLost,
  failureOf,
  NoServer,
  Refused,
  saysGone,
  saysNoSessions,
} from '../../../src/tmux/failures.ts';

describe('failureOf', () => {
  test.each([
    { message: 'no server running on /tmp/tmux-0/default\n', kind: NoServer },
    { message: 'error connecting to /tmp/a (No such file or directory)', kind: NoServer },
    { message: 'error connecting to /tmp/a (Permission denied)', kind: Refused },
    { message: 'server exited unexpectedly', kind: ConnectionLost },
    { message: "can't find pane: %7", kind: Refused },
  ])('$message', ({ message, kind }) => {
    expect(failureOf(message)).toBeInstanceOf(kind);
  });
});

test('a target that does not exist is told from every other refusal', () => {
  expect(saysGone(failureOf("can't find session: $9"))).toBe(true);
  expect(saysGone(failureOf("can't find pane: %9"))).toBe(true);
  expect(saysGone(failureOf('unknown command: look'))).toBe(false);
  expect(saysGone(new Error("can't find pane: %9"))).toBe(false);
  expect(saysNoSessions(failureOf('no current target'))).toBe(true);
});
