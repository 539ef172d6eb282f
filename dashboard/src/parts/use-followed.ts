import { useLayoutEffect, useMemo } from 'preact/hooks';
import { type Following, follow } from '../monitor/followed.ts';

/** Follows it as long as the part that shows it is on the page. */
export const useFollowed = <Value>(
  options: Parameters<typeof follow<Value>>[0],
): Following<Value> => {
  const following = useMemo(
    () => follow<Value>(options),
    [options.path, JSON.stringify(options.query)],
  );
  // Not after the frame is drawn: a page that is left before that would be followed for ever.
  useLayoutEffect(() => following.stop, [following]);
  return following;
};
