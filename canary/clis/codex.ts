import type { Cli } from '../cli.ts';
import { DUMMY_KEY } from '../cli.ts';

export const codex: Cli = {
  kind: 'codex',
  program: 'codex',
  args: [],
  env: () => ({ CANARY_KEY: DUMMY_KEY }),
  // An unknown model: the known ones are given tools that travel another way.
  files: ({ url }) => ({
    '.codex/config.toml': `model = "scripted-model"
model_provider = "canary"
approval_policy = "on-request"
sandbox_mode = "read-only"
check_for_update_on_startup = false

[model_providers.canary]
name = "canary"
base_url = "${url}/v1"
env_key = "CANARY_KEY"
wire_api = "responses"
request_max_retries = 1
stream_max_retries = 1

[analytics]
enabled = false

[otel]
exporter = "none"
`,
  }),
  openings: [
    {
      name: 'trust',
      shows: /Do you trust|allow Codex to work/i,
      attention: 'trust',
      choose: /\bYes\b|Trust (?:folder|and continue)/,
    },
  ],
  cursor: /^[\s│┃]*[›❯>]/u,
  consent: ['y'],
  interrupt: ['Escape'],
  // Only in its plan mode.
  asks: false,
};
