/** A plain shell, or a program that is no known agent: only its name tells what it does. */

import { type Profile, SHELL_PROMPT } from '../profile.ts';

const SHELL = /^-?(?:ash|bash|csh|dash|elvish|fish|ksh|mksh|nu|pwsh|sh|tcsh|xonsh|zsh)$/;

export const generic: Profile = {
  kind: 'generic',
  composer: {
    frame: 'last',
    // The usual ends of a prompt, and what is typed behind them; what stands further to the right
    // is a second prompt. A prompt that ends otherwise hides what is typed.
    prompt: /^.*[$#%>❯»](?:\s{1,2}(\S.*)|\s*|\s{3,}\S.*)$/u,
    placeholder: /^$/,
    paste: /^$/,
  },
  rules: [
    {
      name: 'generic.prompt',
      when: [{ region: 'command', line: SHELL }],
      activity: 'complete',
      reason: 'ready',
    },
    {
      // Nobody knows the program of a screen that was handed over as a text.
      name: 'generic.prompt-line',
      when: [
        { region: 'command', without: /\S/ },
        { region: 'last', line: SHELL_PROMPT },
      ],
      activity: 'complete',
      reason: 'ready',
    },
    {
      name: 'generic.program',
      when: [{ region: 'command', line: /\S/ }],
      activity: 'working',
      reason: 'program',
      toolRunning: true,
    },
  ],
};
