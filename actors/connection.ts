/** Watches one pane for one session: each look is judged and handed on as a fact. */

import { fromCallback } from 'xstate';
import type { SessionEvent } from '../machines/session-context.ts';
import type { ConnectionEvent, ConnectionInput } from '../machines/session-setup.ts';
import type { Clock, Log, Look, Sight, Tmux } from './ports.ts';

const MAX_OUTPUT_LINES = 20;
const MAX_OUTPUT_CHARACTERS = 4_096;

export interface ConnectionPorts {
  tmux: Pick<Tmux, 'watch'>;
  sight: Sight;
  clock: Clock;
  log: Log;
}

/** While one look is being judged only the newest of those that follow is kept. */
export const connectionLogic = ({ tmux, sight, clock, log }: ConnectionPorts) =>
  fromCallback<ConnectionEvent, ConnectionInput>(({ input, sendBack, receive }) => {
    let { facts } = input;
    let judging = false;
    let waiting: Look | null = null;
    let previous: Look | null = null;
    let stopped = false;

    const report = (event: SessionEvent) => {
      if (!stopped) sendBack(event);
    };

    const judge = async (look: Look): Promise<void> => {
      const { text, title, width, height, command } = look;
      const verdict = await sight.judge({ kind: facts.kind, text, title, width, height, command });
      const resized = previous !== null && (previous.width !== width || previous.height !== height);
      previous = look;
      report({
        type: 'screen.classified',
        verdict,
        at: look.at,
        resized,
        output: lastLines(text),
      });
    };

    const judgeAll = async (): Promise<void> => {
      judging = true;
      while (waiting && !stopped) {
        const look = waiting;
        waiting = null;
        await judge(look);
      }
      judging = false;
    };

    const close = (detail: string) =>
      report({ type: 'connection.closed', detail, at: clock.now() });

    const watch = tmux.watch(
      {
        server: input.server,
        sessionId: facts.sessionId,
        paneId: facts.pane,
        fragile: facts.fragile,
      },
      {
        looked: (look) => {
          waiting = look;
          if (judging) return;
          judgeAll().catch((error: unknown) => {
            log.error({ session: facts.session, err: error }, 'a look could not be judged');
            close(String(error));
          });
        },
        connected: (by) => report({ type: 'connection.opened', by, at: clock.now() }),
        closed: (_, detail) => close(detail),
      },
    );

    receive((event) => {
      if (event.type === 'facts.changed') {
        const kindChanged = event.facts.kind !== facts.kind;
        facts = event.facts;
        if (!kindChanged) return;
      }
      watch.look();
    });

    return () => {
      stopped = true;
      watch.stop();
    };
  });

/** The last lines of a screen as an alert shows them: bounded, without the blank ones below. */
const lastLines = (text: string): string =>
  text.trimEnd().split('\n').slice(-MAX_OUTPUT_LINES).join('\n').slice(-MAX_OUTPUT_CHARACTERS);
