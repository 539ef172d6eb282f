import { Refusal } from '../errors.ts';
import { UPGRADES } from '../operations.ts';
import type { ApiRouter } from '../request.ts';

/** What is answered where only a WebSocket is served to whoever asks for something else. */
export const addUpgradeRoutes = (router: ApiRouter): void => {
  for (const { path } of UPGRADES) {
    router.get(path, () => {
      throw new Refusal(
        `Only a WebSocket is served at ${path}: connect a WebSocket client to it.`,
        {
          code: 'upgrade_required',
          headers: { Upgrade: 'websocket', Connection: 'Upgrade, close' },
        },
      );
    });
  }
};
