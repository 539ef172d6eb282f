import type { Monitor } from '../../../actors/ports.ts';
import { readJson } from '../body.ts';
import { type ApiRouter, callerOf, checked, checkedQuery } from '../request.ts';
import { agentsQuery, logQuery, noBody, noQuery, outputQuery, sessionParams } from '../schemas.ts';

/** What the agents do, what they show, and what can be done to their sessions. */
export const addAgentRoutes = (
  router: ApiRouter,
  {
    monitor,
    kinds,
    maxBodyBytes,
  }: { monitor: Monitor; kinds: readonly string[]; maxBodyBytes: number },
): void => {
  const listQuery = agentsQuery(kinds);

  router.get('/api/agents', (ctx) => {
    const agents = monitor.agents(checkedQuery(listQuery, ctx.query));
    ctx.body = { agents, count: agents.length };
  });

  router.get('/api/agents/:session', (ctx) => {
    checkedQuery(noQuery, ctx.query);
    ctx.body = monitor.agent(sessionOf(ctx.params));
  });

  router.get('/api/agents/:session/look', async (ctx) => {
    checkedQuery(noQuery, ctx.query);
    ctx.body = await monitor.look(sessionOf(ctx.params));
  });

  router.get('/api/agents/:session/output', async (ctx) => {
    const session = sessionOf(ctx.params);
    const output = await monitor.output(session, checkedQuery(outputQuery, ctx.query));
    ctx.body = { session, output, lines: output === '' ? 0 : output.split('\n').length };
  });

  router.get('/api/agents/:session/log', (ctx) => {
    const session = sessionOf(ctx.params);
    const log = monitor.log(session, checkedQuery(logQuery, ctx.query).limit);
    ctx.body = { session, log, count: log.length };
  });

  router.post('/api/agents/:session/kill', async (ctx) => {
    const session = sessionOf(ctx.params);
    checked(noBody, await readJson(ctx.req, maxBodyBytes));
    await monitor.kill(session, callerOf(ctx.state));
    ctx.body = { success: true, session };
  });

  router.post('/api/agents/:session/restart', async (ctx) => {
    const session = sessionOf(ctx.params);
    checked(noBody, await readJson(ctx.req, maxBodyBytes));
    monitor.restart(session, callerOf(ctx.state));
    ctx.body = { success: true, session };
  });
};

const sessionOf = (params: Record<string, string>): string =>
  checked(sessionParams, params).session;
