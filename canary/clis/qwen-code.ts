import type { Cli } from '../cli.ts';
import { DUMMY_KEY } from '../cli.ts';

export const qwenCode: Cli = {
  kind: 'qwen-code',
  program: 'qwen',
  args: ['--approval-mode', 'default'],
  env: ({ url }) => ({
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_KEY: DUMMY_KEY,
    OPENAI_MODEL: 'scripted-model',
    QWEN_TELEMETRY_ENABLED: 'false',
  }),
  files: () => ({
    '.qwen/settings.json': JSON.stringify({
      security: { auth: { selectedType: 'openai' } },
      selectedAuthType: 'openai',
      privacy: { usageStatisticsEnabled: false },
      usageStatisticsEnabled: false,
      telemetry: { enabled: false },
      general: { disableAutoUpdate: true, enableAutoUpdate: false, disableUpdateNag: true },
      disableAutoUpdate: true,
    }),
  }),
  openings: [
    {
      name: 'trust',
      shows: /Do you trust/i,
      attention: 'trust',
      choose: /\bYes\b|Trust (?:folder|and continue)/,
    },
  ],
  cursor: /^[\s│┃]*[●›❯]/u,
  consent: ['Enter'],
  interrupt: ['Escape'],
  asks: true,
};
