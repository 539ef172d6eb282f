import type { ParameterizedContext } from 'koa';
import type { AcceptedCommand, Asker, CommandDesk, Person } from '../../../actors/ports.ts';
import { readJson } from '../body.ts';
import {
  answerBody,
  commandParams,
  commandsQuery,
  resolveBody,
  sendBody,
  sourceBody,
  waitQuery,
} from '../command-schemas.ts';
import { idempotencyOf } from '../idempotency.ts';
import { type ApiRouter, type ApiState, callerOf, checked, checkedQuery } from '../request.ts';
import { noQuery, sessionParams } from '../schemas.ts';

/** What is to be typed into the agents: asked for, looked up, taken back. */
export const addCommandRoutes = (
  router: ApiRouter,
  options: { commands: CommandDesk; maxBodyBytes: number; stopping: AbortSignal },
): void => {
  const { commands, maxBodyBytes, stopping } = options;
  const bodyOf = (ctx: Context): Promise<unknown> => {
    checkedQuery(noQuery, ctx.query);
    return readJson(ctx.req, maxBodyBytes);
  };

  router.post('/api/agents/:session/command', async (ctx) => {
    const session = sessionOf(ctx);
    const { source, ...request } = checked(sendBody, await bodyOf(ctx));
    const asker = askerOf(ctx, source, ['command', session, request]);
    answerAccepted(ctx, await commands.send(session, request, asker));
  });

  router.post('/api/agents/:session/answer', async (ctx) => {
    const session = sessionOf(ctx);
    const { source, ...answer } = checked(answerBody, await bodyOf(ctx));
    const asker = askerOf(ctx, source, ['answer', session, answer]);
    answerAccepted(ctx, await commands.answer(session, answer, asker));
  });

  router.post('/api/agents/:session/interrupt', async (ctx) => {
    const session = sessionOf(ctx);
    const body = checked(sourceBody, await bodyOf(ctx));
    const asker = askerOf(ctx, body?.source, ['interrupt', session]);
    answerAccepted(ctx, await commands.interrupt(session, asker));
  });

  router.get('/api/agents/:session/commands', (ctx) => {
    const session = sessionOf(ctx);
    const page = commands.page(session, checkedQuery(commandsQuery, ctx.query));
    ctx.body = { session, ...page, count: page.commands.length };
  });

  router.get('/api/commands/:id', async (ctx) => {
    const { wait } = checkedQuery(waitQuery, ctx.query);
    const gone = new AbortController();
    ctx.res.once('close', () => gone.abort());
    const signal = AbortSignal.any([stopping, gone.signal]);
    ctx.body = await commands.ended(idOf(ctx), { withinMs: wait * 1000, signal });
  });

  router.delete('/api/commands/:id', async (ctx) => {
    const id = idOf(ctx);
    const body = checked(sourceBody, await bodyOf(ctx));
    ctx.body = commands.cancel(id, personOf(ctx, body?.source));
  });

  router.post('/api/commands/:id/retry', async (ctx) => {
    const id = idOf(ctx);
    const body = checked(sourceBody, await bodyOf(ctx));
    const asker = askerOf(ctx, body?.source, ['retry', id]);
    answerAccepted(ctx, await commands.retry(id, asker));
  });

  router.post('/api/commands/:id/resolve', async (ctx) => {
    const id = idOf(ctx);
    const { resolution, source } = checked(resolveBody, await bodyOf(ctx));
    ctx.body = commands.resolve(id, resolution, personOf(ctx, source));
  });
};

type Context = ParameterizedContext<ApiState> & { params: Record<string, string> };

const sessionOf = ({ params }: Context): string => checked(sessionParams, params).session;

const idOf = ({ params }: Context): string => checked(commandParams, params).id;

/** Who does what can be done only once: no key is needed to make it so. */
const personOf = ({ state }: Context, source: string | undefined): Person => ({
  caller: callerOf(state),
  source: source ?? null,
});

const askerOf = (ctx: Context, source: string | undefined, asked: unknown[]): Asker => ({
  ...personOf(ctx, source),
  idempotency: idempotencyOf(ctx.req, [...asked, source ?? null]),
});

const answerAccepted = (ctx: Context, { command, replayed }: AcceptedCommand): void => {
  const { id, session, status } = command;
  ctx.status = 202;
  ctx.set('Location', `/api/commands/${id}`);
  if (replayed) ctx.set('Idempotent-Replayed', 'true');
  ctx.body = { success: true, id, jobId: id, session, command: command.command, status };
};
