import type { Cli } from '../cli.ts';
import { DUMMY_KEY } from '../cli.ts';

export const claudeCode: Cli = {
  kind: 'claude-code',
  program: 'claude',
  args: ['--permission-mode', 'default'],
  env: ({ url }) => ({
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: DUMMY_KEY,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_BUG_COMMAND: '1',
    DISABLE_INSTALLATION_CHECKS: '1',
  }),
  // Without this its first start pings its maker, and ends where nobody answers.
  files: () => ({
    '.claude.json': JSON.stringify({
      hasCompletedOnboarding: true,
      theme: 'dark',
      lastOnboardingVersion: '99.0.0',
      numStartups: 20,
    }),
  }),
  openings: [
    {
      name: 'trust',
      shows: /trust (?:this folder|the files in this folder)/i,
      attention: 'trust',
      choose: /\bYes\b/,
    },
    {
      name: 'api-key',
      shows: /Do you want to use this API key/i,
      attention: 'login',
      choose: /\bYes\b/,
    },
  ],
  cursor: /^[\s│┃]*❯/u,
  consent: ['1'],
  interrupt: ['Escape'],
  asks: true,
};
