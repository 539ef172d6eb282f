import type { HookDesk, HookPayload } from '../../../actors/ports.ts';
import { readJson } from '../body.ts';
import { hookBody, originOf } from '../hook-schemas.ts';
import type { Notes } from '../notes.ts';
import { type ApiRouter, callerOf, checked, checkedQuery } from '../request.ts';
import { noQuery } from '../schemas.ts';

/** Of a file that an agent has read or written, a hook carries all. */
const MAX_HOOK_BYTES = 16 * 1024 * 1024;

/** What agents' hooks post. The answer decides nothing for the agent, which goes on as it would. */
export const addHookRoutes = (
  router: ApiRouter,
  { hooks, notes }: { hooks: HookDesk; notes: Notes },
): void => {
  router.post('/api/hooks/claude-code', async (ctx) => {
    checkedQuery(noQuery, ctx.query);
    const payload = checked(hookBody, await readJson(ctx.req, MAX_HOOK_BYTES));
    const of = hooks.take(payload, originOf(ctx.req.headers));
    notes.counted(callerOf(ctx.state), 'hook', nameOf(payload), of);
    ctx.body = {};
  });
};

/** What it is called, and not what it tells, which is the agent's and may be long. */
const nameOf = ({ hook_event_name, type = '' }: HookPayload): string => {
  const name = hook_event_name ?? type;
  return /^[\w-]{1,40}$/.test(name) ? name : 'unnamed';
};
