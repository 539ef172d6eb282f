import { describe, expect, test } from 'vitest';
import { createCalm } from '../../../src/tmux/calm.ts';
import { NoServer } from '../../../src/tmux/failures.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const start = () => {
  const clock = createManualClock();
  const server = {
    scene: () => 'same',
    typedAt: () => 0,
    samples: 0,
    failure: null as Error | null,
  };
  const calm = createCalm(clock, async () => {
    server.samples += 1;
    if (server.failure !== null) throw server.failure;
    return { scene: server.scene(), typedAt: server.typedAt() };
  });
  const pass = async (ms: number) => {
    await new Promise(setImmediate);
    for (let passed = 0; passed < ms; passed += 50) {
      clock.advance(50);
      await new Promise(setImmediate);
    }
  };
  const outcome = (wait: Promise<void>) => {
    const state = { at: null as number | null, error: null as unknown };
    const begun = clock.monotonic();
    wait.then(
      () => {
        state.at = clock.monotonic() - begun;
      },
      (error: unknown) => {
        state.error = error;
      },
    );
    return state;
  };
  return { clock, server, calm, pass, outcome };
};

describe('stillness', () => {
  test('comes when two looks a moment apart are the same', async () => {
    const { calm, server, pass, outcome } = start();
    const still = outcome(calm.still());
    await pass(250);
    expect(still.at).toBe(null);
    await pass(50);
    expect(still.at).toBe(300);
    expect(server.samples).toBe(2);
  });

  test('waits while the scene changes', async () => {
    const { calm, server, pass, outcome } = start();
    let scene = 0;
    server.scene = () => String(scene++);
    const still = outcome(calm.still());
    await pass(2000);
    expect(still.at).toBe(null);
    server.scene = () => 'same';
    await pass(600);
    expect(still.at).not.toBe(null);
  });

  test('is given up on a server that never is still', async () => {
    const { calm, server, pass, outcome } = start();
    let scene = 0;
    server.scene = () => String(scene++);
    const still = outcome(calm.still());
    await pass(9900);
    expect(still.at).toBe(null);
    await pass(600);
    expect(still.at).toBeGreaterThanOrEqual(10_000);
  });

  test('does not mind typing, and is shared by all who wait', async () => {
    const { calm, server, clock, pass, outcome } = start();
    server.typedAt = () => clock.now() / 1000;
    const both = [outcome(calm.still()), outcome(calm.still())];
    await pass(300);
    expect(both.map(({ at }) => at)).toEqual([300, 300]);
    expect(server.samples).toBe(2);
  });
});

describe('idleness', () => {
  test('is not kept up by a person who typed before the clock was set back', async () => {
    const { calm, server, clock, pass, outcome } = start();
    const typedAt = clock.now() / 1000 + 3600;
    server.typedAt = () => typedAt;
    const idle = outcome(calm.idle());
    await pass(300);
    expect(idle.at).toBe(300);
  });

  test('waits, however long, until nobody has typed for some seconds', async () => {
    const { calm, server, clock, pass, outcome } = start();
    server.typedAt = () => Math.floor(clock.now() / 1000);
    const idle = outcome(calm.idle());
    await pass(60_000);
    expect(idle.at).toBe(null);
    const last = clock.now() / 1000;
    server.typedAt = () => last;
    await pass(2500);
    expect(idle.at).toBe(null);
    await pass(2500);
    expect(idle.at).not.toBe(null);
  });

  test('comes at once where nobody types and nothing moves', async () => {
    const { calm, pass, outcome } = start();
    const idle = outcome(calm.idle());
    await pass(300);
    expect(idle.at).toBe(300);
  });
});

test('who cannot ask is told so', async () => {
  const { calm, server, pass, outcome } = start();
  server.failure = new NoServer('no server running');
  const [still, idle] = [outcome(calm.still()), outcome(calm.idle())];
  await pass(50);
  expect([still.error, idle.error]).toEqual([server.failure, server.failure]);
});

test('a stop ends all waiting and leaves no timer', async () => {
  const { calm, clock, pass, outcome } = start();
  const waits = [outcome(calm.still()), outcome(calm.idle())];
  await pass(100);
  calm.stop();
  await pass(50);
  expect(waits.map(({ error }) => error)).toEqual([expect.any(Error), expect.any(Error)]);
  expect(clock.pending()).toBe(0);
});
