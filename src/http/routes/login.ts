import type { ParameterizedContext } from 'koa';
import { readJson } from '../body.ts';
import { codeBody, loginBody } from '../login-schemas.ts';
import type { Logins } from '../logins.ts';
import {
  type ApiRouter,
  type ApiState,
  callerOf,
  checked,
  checkedQuery,
  hostOf,
} from '../request.ts';
import { noBody, noQuery } from '../schemas.ts';

const MAX_BODY_BYTES = 4096;

/** Lets browsers in that have no other way to say who they are. */
export const addLoginRoutes = (
  router: ApiRouter,
  /** `address`: where the monitor is found by browsers of this machine. */
  { logins, address }: { logins: Logins; address(): string },
): void => {
  const bodyOf = (ctx: Context): Promise<unknown> => {
    checkedQuery(noQuery, ctx.query);
    return readJson(ctx.req, MAX_BODY_BYTES);
  };

  router.post('/api/login/codes', async (ctx) => {
    const { scope = 'full' } = checked(codeBody, await bodyOf(ctx)) ?? {};
    const { code, expires } = logins.invite(scope, callerOf(ctx.state));
    ctx.body = { url: `${address()}/login#code=${code}`, scope, expires };
  });

  router.post('/api/login', async (ctx) => {
    const { secret } = checked(loginBody, await bodyOf(ctx));
    const { header, ...entered } = logins.enter(secret, {
      by: nameOf(ctx),
      address: ctx.req.socket.remoteAddress ?? '',
      host: hostOf(ctx.req),
      // Only a page of this very server may call, so its origin is how the browser came here.
      secure: ctx.get('Origin').startsWith('https:'),
    });
    ctx.set('Set-Cookie', header);
    ctx.body = entered;
  });

  router.delete('/api/login', async (ctx) => {
    checked(noBody, await bodyOf(ctx));
    ctx.set('Set-Cookie', logins.leave(ctx.req.headers.cookie, hostOf(ctx.req), nameOf(ctx)));
    ctx.body = { success: true };
  });
};

type Context = ParameterizedContext<ApiState>;

/** Null for a stranger, to whom these are open. */
const nameOf = ({ state }: Context): string | null => state.caller?.name ?? null;
