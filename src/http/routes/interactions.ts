import type { InteractionHistory } from '../../../actors/ports.ts';
import { type ApiRouter, checkedQuery } from '../request.ts';
import { interactionsQuery } from '../schemas.ts';

/** Who did what, with every session and with none. */
export const addInteractionRoutes = (
  router: ApiRouter,
  interactions: Pick<InteractionHistory, 'page'>,
): void => {
  router.get('/api/interactions', (ctx) => {
    const { limit, ...from } = checkedQuery(interactionsQuery, ctx.query);
    const found = interactions.page({ ...from, limit: limit + 1 });
    const log = found.slice(0, limit);
    const next = found.length > limit ? (log.at(-1)?.id ?? null) : null;
    ctx.body = { log, count: log.length, next };
  });
};
