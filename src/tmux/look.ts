/** Takes looks at panes over whatever connection there is, and hands them out together. */

import { PaneGone } from '../../actors/errors.ts';
import type { Clock, Look, WatchTarget } from '../../actors/ports.ts';
import { saysGone } from './failures.ts';
import type { BesideText, LookTicket, PaneWatch } from './pane-watch.ts';
import type { Command } from './quoting.ts';
import type { Request, Requests } from './requests.ts';
import { statusOfUncollected } from './server-process.ts';

/** Whatever can run tmux commands: a client of our own, the shared one, or a fork. */
export interface Channel {
  run(commands: readonly Command[]): Promise<Buffer>;
}

export const ask = async <T>(channel: Channel, { commands, parse }: Request<T>): Promise<T> =>
  parse((await channel.run(commands)).toString());

export interface Looker {
  /**
   * Takes one look at each and delivers all of them in one turn of the event loop. Answers those
   * that changed. A watch whose pane is gone is closed; any other failure is `failed`'s to judge.
   * `known`: what stands in for all but the text; where it has nothing, a whole look is taken.
   */
  lookAt(
    channel: Channel,
    watches: readonly PaneWatch[],
    failed: (watch: PaneWatch, error: unknown) => void,
    known: (target: WatchTarget) => BesideText | null,
  ): Promise<PaneWatch[]>;
}

export const createLooker = (requests: Requests, clock: Clock): Looker => {
  const take = async (channel: Channel, target: WatchTarget): Promise<Look> => {
    const { server, look } = await ask(channel, requests.look(target.paneId));
    if (!isSameServer(server, target.server)) throw new PaneGone(target.paneId);
    return { ...look, ...deathOf(look, look.panePid), at: clock.now() };
  };

  const takeText = async (channel: Channel, beside: BesideText, paneId: string): Promise<Look> => {
    const text = await ask(channel, requests.text(paneId));
    return { ...beside, text, at: clock.now() };
  };

  return {
    lookAt: async (channel, watches, failed, known) => {
      const taken = await Promise.all(
        watches.map(async (watch) => {
          const { target } = watch;
          const ticket = watch.begin();
          const beside = known(target);
          try {
            const look =
              beside === null
                ? await take(channel, target)
                : await takeText(channel, beside, target.paneId);
            return { watch, ticket, look };
          } catch (error) {
            return { watch, ticket, error };
          }
        }),
      );
      const changed: PaneWatch[] = [];
      for (const one of taken) {
        if ('look' in one) {
          if (one.watch.saw(one.look, one.ticket)) changed.push(one.watch);
        } else settle(one.watch, one.ticket, one.error, failed);
      }
      return changed;
    },
  };
};

/** What tmux says of the end of a pane's program, completed by what the system knows. */
export const deathOf = (
  { dead, deadStatus }: Pick<Look, 'dead' | 'deadStatus'>,
  pid: number,
): Pick<Look, 'dead' | 'deadStatus'> => ({
  dead,
  deadStatus: dead ? (deadStatus ?? statusOfUncollected(pid)) : null,
});

export const isSameServer = (a: WatchTarget['server'], b: WatchTarget['server']): boolean =>
  a.pid === b.pid && a.startTime === b.startTime;

const settle = (
  watch: PaneWatch,
  ticket: LookTicket,
  error: unknown,
  failed: (watch: PaneWatch, error: unknown) => void,
): void => {
  watch.missed(ticket);
  if (error instanceof PaneGone || saysGone(error)) {
    watch.close('gone', `tmux no longer has ${watch.target.paneId}`);
  } else failed(watch, error);
};
