/** Takes in what agents' hooks post: says which session it is about, and what it means. */

import type { Clock, HookDesk, HookedPrompts, Log } from '../../actors/ports.ts';
import type { HookReport, ToolCounts } from '../../machines/vocabulary.ts';
import { createNestedAgents } from './nested.ts';
import { createPrompts } from './prompts.ts';
import { eventOf, toReport } from './reports.ts';
import { createTies, type HookedAgent } from './ties.ts';
import { createTranscripts } from './transcripts.ts';

export interface HooksOptions {
  clock: Clock;
  log: Log;
  /** What is watched now, by key. */
  agents(): ReadonlyMap<string, HookedAgent>;
  /** Hears what a hook says of the session with this key. */
  report(key: string, report: HookReport): void;
  /** Hears which calls stand in a transcript of its agent so far. */
  count(key: string, path: string, counts: ToolCounts): void;
  /** Whether a shell command only looks at things. */
  onlyReads(command: string): boolean;
  /** When a process was started, in ms since the epoch; null where that cannot be told. */
  startedAt(pid: number): Promise<number | null>;
}

export interface Hooks extends HookDesk, HookedPrompts {
  stop(): void;
}

export const createHooks = (options: HooksOptions): Hooks => {
  const { clock, log, agents, report, count, onlyReads, startedAt } = options;
  const ties = createTies(agents);
  const nested = createNestedAgents(clock);
  const prompts = createPrompts(clock);
  const transcripts = createTranscripts({
    ...{ clock, log, startedAt },
    told: (path, { keys, agentPid }, counts) => {
      const living = keys.filter((key) => agents().get(key)?.facts.agentPid === agentPid);
      for (const key of living) count(key, path, counts);
      return living.length > 0;
    },
  });

  return {
    take: (payload, origin) => {
      const event = eventOf(payload);
      const tied = ties.find(payload, origin);
      if (!tied) {
        const { session_id: conversation, cwd } = payload;
        log.debug({ event, conversation, cwd, ...origin }, 'a hook is about no watched agent');
        return null;
      }
      const { keys, server, pane, agentPid } = tied;
      const [told = null] = keys.flatMap((key) => {
        const agent = agents().get(key);
        return agent ? [{ session: agent.facts.session, key }] : [];
      });
      const place = [server.pid, server.startTime, pane, agentPid].join(' ');
      if (nested.isNested(place, payload)) {
        log.debug({ event, pane }, 'a hook is of an agent within the one that is watched');
        return told;
      }
      if (event === 'UserPromptSubmit' && payload.prompt !== undefined)
        prompts.note(server, pane, payload.prompt);
      const said = toReport(payload, onlyReads);
      if (said) for (const key of keys) report(key, said);
      const path = payload.transcript_path;
      if (path !== undefined) transcripts.follow(path, { agentPid, keys });
      return told;
    },
    submitted: prompts.submitted,
    stop: transcripts.stop,
  };
};
