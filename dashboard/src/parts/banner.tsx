import { duration } from '../format.ts';
import { now } from '../monitor/clock.ts';
import { link } from '../monitor/feed.ts';

/** Says that what is shown may no longer be so. */
export const Banner = () => {
  const { status } = link.value;
  if (status === 'open') return null;
  if (status === 'connecting')
    return (
      <p class="banner" role="status">
        Connecting to the monitor …
      </p>
    );
  return (
    <p class="banner lost" role="alert">
      <b>No connection to the monitor.</b> What you see is as it was <Since at={link.value.since} />{' '}
      ago. The page comes back by itself.
    </p>
  );
};

const Since = ({ at }: { at: number }) => <span aria-live="off">{duration(now.value - at)}</span>;
