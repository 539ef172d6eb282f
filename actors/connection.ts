/** Watches one pane for one session: each look is judged and handed on as a fact. */

import { fromCallback } from 'xstate';
import { backoffMs } from '../machines/restart.ts';
import type { SessionEvent } from '../machines/session-context.ts';
import type { ConnectionEvent, ConnectionInput } from '../machines/session-setup.ts';
import type { Verdict } from '../machines/vocabulary.ts';
import type { Attribution, Clock, Log, Look, Sight, Tmux, WatchListener } from './ports.ts';

const MAX_OUTPUT_LINES = 20;
const MAX_OUTPUT_CHARACTERS = 4_096;

export interface ConnectionPorts {
  tmux: Pick<Tmux, 'watch'>;
  sight: Sight;
  clock: Clock;
  log: Log;
  attribution: Attribution;
}

/** A screen that cannot be judged may have cost a thread: it is tried again later each time. */
const UNJUDGED = { baseMs: 500, capMs: 15_000 };

/**
 * While one look is being judged only the newest of those that follow is kept. What tmux and sight
 * do is done for all sessions, so none of it is attributed to this one; what they call back is.
 */
export const connectionLogic = ({ tmux, sight, clock, log, attribution }: ConnectionPorts) =>
  fromCallback<ConnectionEvent, ConnectionInput>(({ input, sendBack, receive }) => {
    const { key } = input;
    let { facts } = input;
    let judging = false;
    let waiting: Look | null = null;
    let previous: Look | null = null;
    let stopped = false;
    let unjudged = 0;
    let rest: { timer: unknown; end(): void } | null = null;

    const report = (event: SessionEvent) => {
      if (!stopped) sendBack(event);
    };

    const judge = async (look: Look): Promise<void> => {
      const { text, title, width, height, command } = look;
      const request = { kind: facts.kind, text, title, width, height, command };
      const verdict = await attribution.toNobody(() => sight.judge(request));
      const resized = previous !== null && (previous.width !== width || previous.height !== height);
      previous = look;
      report({
        type: 'screen.classified',
        verdict,
        // Where the clock was set back meanwhile, that was by the clock as it was.
        at: Math.min(look.at, clock.now()),
        resized,
        output: lastLines(text),
      });
      unjudged = isUnjudged(verdict) ? unjudged + 1 : 0;
    };

    const resting = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        rest = { timer: clock.setTimeout(resolve, ms), end: resolve };
      });

    const judgeAll = async (): Promise<void> => {
      judging = true;
      while (waiting && !stopped) {
        const look = waiting;
        waiting = null;
        await judge(look);
        if (unjudged === 0 || stopped) continue;
        await resting(backoffMs(UNJUDGED, unjudged, key));
        // A screen that does not change is looked at by nobody else.
        waiting ??= look;
      }
      judging = false;
    };

    const close = (detail: string) =>
      report({ type: 'connection.closed', detail, at: clock.now() });

    const looked = (look: Look): void => {
      waiting = look;
      if (judging) return;
      judgeAll().catch((error: unknown) => {
        log.error({ session: facts.session, err: error }, 'a look could not be judged');
        close(String(error));
      });
    };

    const target = {
      server: input.server,
      sessionId: facts.sessionId,
      paneId: facts.pane,
      fragile: facts.fragile,
    };
    const listener: WatchListener = {
      looked: (look) => attribution.to(key, () => looked(look)),
      connected: (by) =>
        attribution.to(key, () => report({ type: 'connection.opened', by, at: clock.now() })),
      closed: (_, detail) => attribution.to(key, () => close(detail)),
    };
    const watch = attribution.toNobody(() => tmux.watch(target, listener));

    receive((event) => {
      if (event.type === 'facts.changed') {
        const kindChanged = event.facts.kind !== facts.kind;
        facts = event.facts;
        if (!kindChanged) return;
      }
      attribution.toNobody(watch.look);
    });

    return () => {
      stopped = true;
      if (rest) {
        clock.clearTimeout(rest.timer);
        rest.end();
      }
      attribution.toNobody(watch.stop);
    };
  });

/** Sight could not say anything, which is another thing than a screen that says nothing. */
const isUnjudged = ({ rule }: Verdict): boolean => rule.startsWith('sight.');

/** The last lines of a screen as an alert shows them: bounded, without the blank ones below. */
const lastLines = (text: string): string =>
  text.trimEnd().split('\n').slice(-MAX_OUTPUT_LINES).join('\n').slice(-MAX_OUTPUT_CHARACTERS);
