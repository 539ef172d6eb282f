import { mayAct } from '../monitor/feed.ts';

const ID = 'look-only';

/** Said once for all that is off because of it. */
export const LookOnly = () =>
  mayAct.value ? null : (
    <p class="banner" id={ID} role="status">
      <b>You may look, not act.</b> This browser was let in to read only;{' '}
      <code>agent-monitor open</code>, where the monitor runs, prints a link that lets it do all.
    </p>
  );

/** For what is off where one may look only: what says why. */
export const whyOff = (): string | undefined => (mayAct.value ? undefined : ID);
