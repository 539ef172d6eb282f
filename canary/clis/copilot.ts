import type { Cli } from '../cli.ts';
import { DUMMY_KEY } from '../cli.ts';

export const copilot: Cli = {
  kind: 'copilot',
  program: 'copilot',
  args: [],
  env: ({ url }) => ({
    COPILOT_OFFLINE: 'true',
    COPILOT_PROVIDER_BASE_URL: `${url}/v1`,
    COPILOT_PROVIDER_TYPE: 'openai',
    COPILOT_PROVIDER_API_KEY: DUMMY_KEY,
    COPILOT_MODEL: 'scripted-model',
    COPILOT_AUTO_UPDATE: 'false',
  }),
  files: () => ({}),
  openings: [
    {
      name: 'trust',
      shows: /Do you trust the files/i,
      attention: 'trust',
      choose: /\bYes\b|Trust (?:folder|and continue)/,
    },
  ],
  cursor: /^[\s│┃]*❯/u,
  consent: ['Enter'],
  interrupt: ['Escape', 'Escape'],
  asks: true,
};
