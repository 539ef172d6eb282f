/** The settings of a monitor within a test: a free port, and a server and a folder of its own. */

import { type Config, readConfig } from '../../src/config.ts';

export const testConfig = (at: {
  redis: { url: string };
  tmux: { socket: string };
  dataDir: string;
}): Config =>
  readConfig({
    argv: [],
    readFile: () => '',
    env: {
      API_PORT: '0',
      REDIS_URL: at.redis.url,
      AGENT_MONITOR_DATA_DIR: at.dataDir,
      AGENT_MONITOR_TMUX_SOCKET: at.tmux.socket,
    },
  });
