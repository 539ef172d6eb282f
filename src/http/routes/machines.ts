import type { Monitor } from '../../../actors/ports.ts';
import { Refusal } from '../errors.ts';
import { type ApiRouter, checked, checkedQuery } from '../request.ts';
import { machineParams, noQuery, sessionParams, svgQuery } from '../schemas.ts';

/** The state machines: their definitions, their drawings, and where each agent's is. */
export const addMachineRoutes = (router: ApiRouter, monitor: Monitor): void => {
  const { machines } = monitor;

  router.get('/api/machines', (ctx) => {
    checkedQuery(noQuery, ctx.query);
    const list = machines.list();
    ctx.body = { machines: list, count: list.length };
  });

  router.get('/api/machines/:id.svg', async (ctx) => {
    const { id } = checked(machineParams, ctx.params);
    const { session } = checkedQuery(svgQuery, ctx.query);
    if (session !== undefined && id !== 'session') {
      throw new Refusal('`session` lights the session machine only.', { code: 'invalid_field' });
    }
    const value = session === undefined ? undefined : monitor.machine(session).value;
    ctx.type = 'image/svg+xml';
    // The drawing brings its own style, and nothing else.
    ctx.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    ctx.body = await machines.svg(id, value);
  });

  router.get('/api/machines/:id', (ctx) => {
    checkedQuery(noQuery, ctx.query);
    ctx.body = machines.definition(checked(machineParams, ctx.params).id);
  });

  router.get('/api/agents/:session/machine', (ctx) => {
    checkedQuery(noQuery, ctx.query);
    const { session } = checked(sessionParams, ctx.params);
    ctx.body = { session, ...monitor.machine(session) };
  });
};
