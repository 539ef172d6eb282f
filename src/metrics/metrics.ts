/** The figures for Prometheus: fed as things happen, completed when they are asked for. */

import { type PrometheusContentType, Registry } from '@prometheus-io/client';
import type { CommandInbox, Metrics } from '../../actors/ports.ts';
import { type EventSources, followEvents } from './agents.ts';
import { createFigures, type Figures } from './figures.ts';
import { type GaugeSources, readGauges } from './gauges.ts';
import { addProcessFigures } from './process.ts';

/** What the figures are made of that are not measured where they come about. */
type Sources = GaugeSources & EventSources & { commands: Pick<CommandInbox, 'onChange'> };

type Database = 'agent-state' | 'command-queue';
type Channel = 'ws' | 'sse';

export interface MetricsHub extends Metrics {
  /** What whoever measures calls; by its shape each is what the measuring side declares. */
  readonly meters: {
    commits(database: Database): (seconds: number, holds: boolean) => void;
    output: { output(bytes: number): void; shown(seconds: number): void };
    http: {
      answered(call: HttpCall): void;
      refused(code: string): void;
      reading(channel: Channel, readers: number): void;
      dropped(channel: Channel, reason: string): void;
      connected(caller: string, connections: number): void;
      disconnected(cause: string): void;
    };
  };
  /** From now on it counts events, and looks these up when it is asked. */
  follow(sources: Sources): void;
}

interface HttpCall {
  method: string;
  route: string | null;
  status: number;
  seconds: number;
}

export const createMetrics = (version: string): MetricsHub => {
  const registry = new Registry<PrometheusContentType>();
  const figures = createFigures(registry);
  const readProcess = addProcessFigures(registry);
  let sources: Sources | null = null;

  figures.buildInfo.set({ version, node: process.versions.node }, 1);
  for (const outcome of OUTCOMES) figures.commands.inc({ outcome }, 0);
  for (const caller of CALLERS) figures.connections.set({ caller }, 0);
  for (const reason of DROP_CAUSES) figures.connectionsDropped.inc({ reason }, 0);

  return {
    contentType: registry.contentType,
    text: async () => {
      readProcess();
      if (sources !== null) readGauges(figures, sources);
      return registry.metrics();
    },
    meters: {
      commits: (database) => {
        figures.commitFailures.inc({ database }, 0);
        return (seconds, holds) => {
          figures.commit.observe({ database }, seconds);
          if (!holds) figures.commitFailures.inc({ database });
        };
      },
      output: {
        output: (bytes) => figures.outputBytes.inc(bytes),
        shown: (seconds) => figures.lookDelay.observe(seconds),
      },
      http: createHttpMeter(figures),
    },
    follow: (from) => {
      sources = from;
      followEvents(figures, from);
      followCommands(figures, from.commands);
    },
  };
};

/** Said from the start, so that the first of each can be seen to be one more. */
const OUTCOMES = ['sent', 'failed', 'unknown', 'expired', 'cancelled', 'rejected'];
const CALLERS = ['own', 'token', 'stranger'];
const DROP_CAUSES = ['pushed_out', 'timed_out', 'full'];

const followCommands = (figures: Figures, commands: Sources['commands']): void => {
  commands.onChange(({ createdAt, startedAt, finishedAt }) => {
    if (startedAt === null || finishedAt === null) return;
    figures.commandWait.observe(Math.max(0, startedAt - createdAt) / 1000);
    figures.commandSend.observe(Math.max(0, finishedAt - startedAt) / 1000);
  });
};

const createHttpMeter = (figures: Figures): MetricsHub['meters']['http'] => ({
  answered: ({ method, route, status, seconds }) => {
    const labels = { method: METHODS.has(method) ? method : 'other', route: route ?? 'none' };
    figures.http.observe({ ...labels, status }, seconds);
    const isRejected = method === 'POST' && status >= 400 && ASKING.test(route ?? '');
    if (isRejected) figures.commands.inc({ outcome: 'rejected' });
  },
  refused: (reason) => figures.authFailures.inc({ reason }),
  reading: (channel, readers) => figures.reading[channel].set(readers),
  dropped: (channel, reason) => figures.dropped[channel].inc({ reason }),
  connected: (caller, connections) => figures.connections.set({ caller }, connections),
  disconnected: (reason) => figures.connectionsDropped.inc({ reason }),
});

const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE']);

/** The routes by which something is asked to be typed. */
const ASKING = /^\/api\/(?:agents\/:session\/(?:command|answer|interrupt)|commands\/:id\/retry)$/;
