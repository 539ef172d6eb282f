import type { Check, Monitor } from '../../../actors/ports.ts';
import { Refusal } from '../errors.ts';
import type { ApiRouter } from '../request.ts';

/** Whether the monitor lives, can serve, and how its parts are. Open to everyone. */
export const addHealthRoutes = (router: ApiRouter, monitor: Monitor): void => {
  router.get('/livez', (ctx) => {
    ctx.body = { status: 'ok' };
  });

  router.get('/readyz', (ctx) => {
    if (monitor.health().checks.store.status === 'down') {
      throw new Refusal('Nothing can be written to the disk.', { code: 'not_ready' });
    }
    ctx.body = { status: 'ok' };
  });

  router.get('/health', (ctx) => {
    const { checks, ...health } = monitor.health();
    // A detail may tell the names of sessions and paths.
    const tell = ctx.state.caller === null ? withoutDetail : (check: Check) => check;
    ctx.body = {
      ...health,
      checks: {
        store: tell(checks.store),
        tmux: tell(checks.tmux),
        redis: tell(checks.redis),
        supervisor: tell(checks.supervisor),
      },
    };
  });
};

const withoutDetail = ({ status }: Check): Pick<Check, 'status'> => ({ status });
