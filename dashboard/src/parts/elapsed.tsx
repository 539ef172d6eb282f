import { dateTime, duration } from '../format.ts';
import { now } from '../monitor/clock.ts';

/** How long ago it began, moving; nothing where that is not known. */
export const Elapsed = ({ since }: { since: number | null }) =>
  since === null || since === 0 ? null : (
    <time dateTime={new Date(since).toISOString()} title={dateTime(since)}>
      {duration(now.value - since)}
    </time>
  );
