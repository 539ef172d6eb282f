import type { HookDesk } from '../../../actors/ports.ts';
import { readJson } from '../body.ts';
import { hookBody, originOf } from '../hook-schemas.ts';
import { type ApiRouter, checked, checkedQuery } from '../request.ts';
import { noQuery } from '../schemas.ts';

/** Of a file that an agent has read or written, a hook carries all. */
const MAX_HOOK_BYTES = 16 * 1024 * 1024;

/** What agents' hooks post. The answer decides nothing for the agent, which goes on as it would. */
export const addHookRoutes = (router: ApiRouter, hooks: HookDesk): void => {
  router.post('/api/hooks/claude-code', async (ctx) => {
    checkedQuery(noQuery, ctx.query);
    const payload = checked(hookBody, await readJson(ctx.req, MAX_HOOK_BYTES));
    hooks.take(payload, originOf(ctx.req.headers));
    ctx.body = {};
  });
};
