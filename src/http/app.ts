import { Router, type RouterContext } from '@koa/router';
import Koa from 'koa';
import type { Log, Monitor } from '../../actors/ports.ts';
import type { Admission } from './admission.ts';
import { problemHeaders, Refusal, toProblem } from './errors.ts';
import type { Feed } from './feed.ts';
import { SECURITY_HEADERS } from './headers.ts';
import type { Logins } from './logins.ts';
import type { HttpMeter } from './meter.ts';
import type { Notes } from './notes.ts';
import type { ConnectionCounts } from './places.ts';
import type { ApiRouter, ApiState } from './request.ts';
import { addAgentRoutes } from './routes/agents.ts';
import { addCommandRoutes } from './routes/commands.ts';
import { addEventRoutes } from './routes/events.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addHookRoutes } from './routes/hooks.ts';
import { addInteractionRoutes } from './routes/interactions.ts';
import { addLoginRoutes } from './routes/login.ts';
import { addMachineRoutes } from './routes/machines.ts';
import { addMetricsRoutes } from './routes/metrics.ts';
import { addPageRoutes, showLoginPage } from './routes/pages.ts';
import { addUpgradeRoutes } from './routes/upgrades.ts';

/** The way of every request: headers, one place for what goes wrong, admission, routing. */
export const createApp = (options: {
  monitor: Monitor;
  /** The kinds of agents that may be asked for. */
  kinds: readonly string[];
  admit: Admission['admit'];
  feed: Feed;
  logins: Logins;
  notes: Notes;
  connections(): ConnectionCounts;
  /** Where browsers of this machine find the monitor. */
  address(): string;
  log: Log;
  meter: HttpMeter;
  maxBodyBytes: number;
  /** Aborts when no more requests are taken. */
  stopping: AbortSignal;
}): Koa<ApiState> => {
  const { admit, log, meter, stopping } = options;
  const router = createRouter(options);

  const app = new Koa<ApiState>();
  app.on('error', (error: NodeJS.ErrnoException) => {
    const level = CUT_OFF.has(error.code ?? '') ? 'debug' : 'error';
    log[level]({ err: error }, 'an answer could not be given');
  });
  app.use(measureAnswers(meter));
  app.use(async (ctx, next) => {
    ctx.set(SECURITY_HEADERS);
    await next();
    // Neither a stop nor a stranger has use for a connection that waits for more.
    if (stopping.aborted || ctx.state.caller == null) ctx.set('Connection', 'close');
  });
  app.use(answerProblems(log));
  app.use(async (ctx, next) => {
    ctx.state.caller = await admit(ctx.req, ctx.res);
    if (stopping.aborted) throw new Refusal('The monitor is stopping.', { code: 'stopping' });
    await next();
  });
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
};

/** All that can be called; `operations.ts` describes it. */
export const createRouter = (options: {
  monitor: Monitor;
  kinds: readonly string[];
  feed: Feed;
  logins: Logins;
  notes: Notes;
  connections(): ConnectionCounts;
  address(): string;
  maxBodyBytes: number;
  stopping: AbortSignal;
}): ApiRouter => {
  const { monitor, kinds, feed, logins, notes, maxBodyBytes } = options;
  const { connections, address, stopping } = options;
  // No other spelling of a path leads to its route: what is said of paths elsewhere holds for all.
  const router: ApiRouter = new Router({ strict: true, sensitive: true });
  addHealthRoutes(router, monitor);
  addAgentRoutes(router, { monitor, kinds, maxBodyBytes });
  addCommandRoutes(router, { commands: monitor.commands, maxBodyBytes, stopping });
  addEventRoutes(router, { monitor, feed, connections });
  addHookRoutes(router, { hooks: monitor.hooks, notes });
  addInteractionRoutes(router, monitor.interactions);
  addMachineRoutes(router, monitor);
  addMetricsRoutes(router, monitor);
  addLoginRoutes(router, { logins, address });
  addUpgradeRoutes(router);
  addPageRoutes(router, { version: monitor.health().version, kinds });
  return router;
};

/** What a caller causes who goes away before the end. */
const CUT_OFF = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE']);

/** Until it is known what is answered: a stream that goes on for hours has been answered then. */
const measureAnswers =
  ({ answered }: HttpMeter): Koa.Middleware<ApiState> =>
  async (ctx, next) => {
    const begunAt = performance.now();
    await next();
    const { method, status } = ctx;
    const route = (ctx as RouterContext)._matchedRoute;
    const seconds = (performance.now() - begunAt) / 1000;
    answered({ method, route: route === undefined ? null : String(route), status, seconds });
  };

const answerProblems =
  (log: Log): Koa.Middleware<ApiState> =>
  async (ctx, next) => {
    try {
      await next();
      if (ctx.body == null) refuseUnrouted(ctx.status, ctx.method, ctx.path);
    } catch (error) {
      const problem = toProblem(error);
      const { code, status } = problem;
      const request = { code, method: ctx.method, path: ctx.path };
      // A refusal is ours: nothing failed where, for instance, the monitor is stopping. Nor is a low
      // disk filled with what every caller is told, and /health.
      const isFailure = status >= 500 && code !== 'disk_low' && !(error instanceof Refusal);
      if (isFailure) log.error({ ...request, err: error }, 'a request failed');
      else log.debug(request, 'a request was refused');
      ctx.status = status;
      ctx.type = 'application/problem+json';
      ctx.body = JSON.stringify(problem);
      ctx.set(problemHeaders(error));
      if (code === 'unauthorized') showLoginPage(ctx);
      // What is left of the body must not be taken for the next request.
      if (!ctx.req.complete) ctx.set('Connection', 'close');
    }
  };

/** What the router leaves open is only a status; it has set the Allow header by itself. */
const refuseUnrouted = (status: number, method: string, path: string): void => {
  if (status === 404)
    throw new Refusal(`Nothing is at ${path}; /openapi.json lists what there is.`, {
      code: 'not_found',
    });
  if (status === 405)
    throw new Refusal(`${method} is not allowed on ${path}.`, { code: 'method_not_allowed' });
  if (status === 501)
    throw new Refusal(`${method} is not known here.`, { code: 'not_implemented' });
};
