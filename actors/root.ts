/** The tree: which children the supervisor starts, and what their crashes tell the world. */

import type { AnyActorLogic } from 'xstate';
import type { Wanted } from '../machines/discovery.ts';
import type { RestartPolicy } from '../machines/restart.ts';
import { crashEvent, restartEvent } from './crash-news.ts';
import type { DiscoveryReport } from './discovery.ts';
import type { Attribution, Clock, Journal, Log } from './ports.ts';
import type { Sessions } from './sessions.ts';
import { type Child, type Crash, supervisorLogic } from './supervisor.ts';

export interface RootPorts {
  sessions: Sessions;
  relay: AnyActorLogic;
  discovery: AnyActorLogic;
  dispatcher: AnyActorLogic;
  /** Begun last, ended first; each goes on being tried. */
  watchers: Record<string, AnyActorLogic>;
  wanted: Wanted;
  journal: Journal;
  clock: Clock;
  log: Log;
  policy: RestartPolicy;
  attribution: Attribution;
}

export const rootLogic = (ports: RootPorts) => {
  const { sessions, journal, clock, log } = ports;

  const whoIs = (key: string) => {
    const session = sessions.watched.get(key)?.facts.session ?? '';
    return { actor: session ? 'session' : key, session };
  };

  const crashed = ({ key, error, restartInMs }: Crash) => {
    const who = whoIs(key);
    log.error({ ...who, err: error, restartInMs }, 'an actor crashed');
    sessions.crashed(key, crashEvent({ ...who, error, restartInMs }, clock.now()));
  };

  const restarted = (key: string) => {
    const who = whoIs(key);
    log.info(who, 'an actor was restarted');
    journal.announce([restartEvent(who, clock.now())]);
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
    attribution: ports.attribution,
    children: [
      // Redis may be away for a day: the relay alone is tried for ever.
      part('relay', ports.relay, { input: () => ({}), whenSpent: 'keep-trying' }),
      ...sessions.remembered(),
      part('discovery', ports.discovery, {
        input: () => ({ wanted: ports.wanted, watched: () => sessions.watched }),
        whenSpent: 'escalate',
      }),
      part('dispatcher', ports.dispatcher, { input: () => ({}), whenSpent: 'escalate' }),
      ...Object.entries(ports.watchers).map(([key, logic]) =>
        part(key, logic, { input: () => ({}), whenSpent: 'keep-trying' }),
      ),
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
