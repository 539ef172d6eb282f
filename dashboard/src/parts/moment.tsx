import { clockTime, dateTime } from '../format.ts';

/** When something happened: the time of day, and the day for who asks. */
export const Moment = ({ at }: { at: number }) => (
  <time dateTime={new Date(at).toISOString()} title={dateTime(at)}>
    {clockTime(at)}
  </time>
);
