import type { Cli } from '../cli.ts';
import { DUMMY_KEY } from '../cli.ts';

export const geminiCli: Cli = {
  kind: 'gemini-cli',
  program: 'gemini',
  args: ['--model', 'gemini-2.5-pro'],
  env: ({ url }) => ({
    GOOGLE_GEMINI_BASE_URL: url,
    GEMINI_API_KEY: DUMMY_KEY,
    GEMINI_TELEMETRY_ENABLED: 'false',
  }),
  files: () => ({
    '.gemini/settings.json': JSON.stringify({
      security: { auth: { selectedType: 'gemini-api-key' } },
      selectedAuthType: 'gemini-api-key',
      privacy: { usageStatisticsEnabled: false },
      usageStatisticsEnabled: false,
      telemetry: { enabled: false },
      general: { disableAutoUpdate: true, enableAutoUpdate: false, disableUpdateNag: true },
      disableAutoUpdate: true,
    }),
  }),
  openings: [{ name: 'trust', shows: /Do you trust/i, attention: 'trust', choose: /Trust folder/ }],
  cursor: /^[\s│┃]*●/u,
  consent: ['Enter'],
  interrupt: ['Escape'],
  asks: true,
};
