import type { Monitor } from '../../../actors/ports.ts';
import { type Feed, parseEventId } from '../feed.ts';
import type { Position } from '../journal-reader.ts';
import type { ConnectionCounts } from '../places.ts';
import { type ApiRouter, checkedQuery } from '../request.ts';
import { eventsQuery, noQuery, streamQuery } from '../schemas.ts';

/** The journal, by the page and as a stream, and the figures. */
export const addEventRoutes = (
  router: ApiRouter,
  options: { monitor: Monitor; feed: Feed; connections(): ConnectionCounts },
): void => {
  const { monitor, feed, connections } = options;
  router.get('/api/events', (ctx) => {
    ctx.body = monitor.events(checkedQuery(eventsQuery, ctx.query));
  });

  router.get('/api/events/stream', (ctx) => {
    const { after, epoch, ...filter } = checkedQuery(streamQuery, ctx.query);
    ctx.type = 'text/event-stream';
    // Proxies that gather answers before passing them on would hold the events back.
    ctx.set('X-Accel-Buffering', 'no');
    // It ends only when the monitor stops, and then the connection must not wait for more.
    ctx.set('Connection', 'close');
    if (ctx.method === 'HEAD') ctx.status = 200;
    else ctx.body = feed.open(positionOf(ctx.get('Last-Event-ID'), after, epoch), filter);
  });

  router.get('/api/stats', (ctx) => {
    checkedQuery(noQuery, ctx.query);
    ctx.body = { ...monitor.stats(), connections: connections() };
  });
};

/** A reader that comes back repeats its first query, so the id it has seen last goes before that. */
const positionOf = (
  lastEventId: string,
  after: number | undefined,
  epoch: string | undefined,
): Position | null => {
  if (lastEventId !== '') return parseEventId(lastEventId);
  return after === undefined ? null : { epoch: epoch ?? null, seq: after };
};
