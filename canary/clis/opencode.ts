import type { Cli } from '../cli.ts';
import { DUMMY_KEY } from '../cli.ts';

export const opencode: Cli = {
  kind: 'opencode',
  program: 'opencode',
  args: [],
  env: ({ url }) => ({
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    OPENCODE_CONFIG_CONTENT: JSON.stringify({
      model: 'canary/scripted-model',
      small_model: 'canary/scripted-model',
      autoupdate: false,
      share: 'disabled',
      permission: { edit: 'ask', bash: 'ask' },
      provider: {
        canary: {
          npm: '@ai-sdk/openai-compatible',
          name: 'Canary',
          options: { baseURL: `${url}/v1`, apiKey: DUMMY_KEY },
          models: {
            'scripted-model': {
              name: 'Scripted Model',
              tool_call: true,
              limit: { context: 128_000, output: 8000 },
            },
          },
        },
      },
    }),
  }),
  files: () => ({}),
  openings: [],
  cursor: /^[\s│┃]*[❯›●]/u,
  consent: ['Enter'],
  interrupt: ['Escape', 'Escape'],
  asks: true,
};
