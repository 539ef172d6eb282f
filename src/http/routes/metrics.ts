import type { Monitor } from '../../../actors/ports.ts';
import { type ApiRouter, checkedQuery } from '../request.ts';
import { noQuery } from '../schemas.ts';

/** The figures, as Prometheus reads them. */
export const addMetricsRoutes = (router: ApiRouter, { metrics }: Monitor): void => {
  router.get('/metrics', async (ctx) => {
    checkedQuery(noQuery, ctx.query);
    const text = await metrics.text();
    ctx.set('Content-Type', metrics.contentType);
    ctx.body = text;
  });
};
