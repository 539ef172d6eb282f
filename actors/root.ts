/** The tree: which children the supervisor starts, and what their crashes tell the world. */

import type { AnyActorLogic } from 'xstate';
import type { Wanted } from '../machines/discovery.ts';
import type { RestartPolicy } from '../machines/restart.ts';
import type { DiscoveryReport } from './discovery.ts';
import type { Clock, Journal, Log } from './ports.ts';
import type { Sessions } from './sessions.ts';
import { type Child, type Crash, supervisorLogic } from './supervisor.ts';

export interface RootPorts {
  sessions: Sessions;
  relay: AnyActorLogic;
  discovery: AnyActorLogic;
  dispatcher: AnyActorLogic;
  wanted: Wanted;
  journal: Journal;
  clock: Clock;
  log: Log;
  policy: RestartPolicy;
}

export const rootLogic = (ports: RootPorts) => {
  const { sessions, journal, clock, log } = ports;

  const crashed = ({ key, error, restartInMs }: Crash) => {
    const session = sessions.watched.get(key)?.facts.session ?? '';
    const actor = session ? 'session' : key;
    log.error({ actor, session, err: error, restartInMs }, 'an actor crashed');
    const about = { session, timestamp: clock.now(), actor, error: messageOf(error) };
    if (restartInMs === null) sessions.setAside(key, { event: 'actor_quarantined', ...about });
    else journal.announce([{ event: 'actor_crashed', ...about, restartInMs }]);
  };

  const restarted = (key: string) => {
    const session = sessions.watched.get(key)?.facts.session ?? '';
    const actor = session ? 'session' : key;
    log.info({ actor, session }, 'an actor was restarted');
    journal.announce([{ event: 'actor_restarted', session, timestamp: clock.now(), actor }]);
  };

  const part = (key: string, logic: AnyActorLogic, rest: Pick<Child, 'whenSpent' | 'input'>) => ({
    key,
    logic: () => logic,
    ...rest,
  });

  return supervisorLogic({
    clock,
    log,
    policy: ports.policy,
    children: [
      // Redis may be away for a day: the relay alone is tried for ever.
      part('relay', ports.relay, { input: () => ({}), whenSpent: 'keep-trying' }),
      ...sessions.remembered(),
      part('discovery', ports.discovery, {
        input: () => ({ wanted: ports.wanted, watched: () => sessions.watched }),
        whenSpent: 'escalate',
      }),
      part('dispatcher', ports.dispatcher, { input: () => ({}), whenSpent: 'escalate' }),
    ],
    crashed,
    restarted,
    heard: (event, self) => {
      if (event.type !== 'sessions.listed') return;
      const { findings, at } = event as DiscoveryReport;
      sessions.take(findings, at, self);
    },
  });
};

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
