/** How Claude Code draws what it asks: below a rule line, in the place of its input box. */

import { CONSENT, type DialogMarks } from '../profile.ts';

export const dialog: DialogMarks = {
  border: { left: /^ ?│ ?/u, right: '│' },
  foreign: /^(?:[●⏺] \S|[❯>] (?!\d+\.))/u,
  cursor: '❯',
  shown: [
    'Esc to cancel',
    'Enter to confirm',
    'Enter to select',
    'Do you want to ',
    'Would you like to ',
  ],
  hint: /(?:^\s*|· )(?:Enter|Esc) to \w/,
  below: /^\s*(?:$|╰─+╯$|↑ \d+ more lines?|\d+\/\d+ tasks done|\d+ tasks \(|[✔◼◻☐☒✓] |… \+\d+ )/u,
  keys: 'number',
  answered: {
    text: /^Type something\.?$/,
    submit: /^(?:Submit|Next)$/,
    // In 2.1.197 a ticked text has no blank before it while the cursor is elsewhere.
    volatile: [/\[[ ✔]\] ?/gu, /[☐☒]/gu, / · ctrl\+g to edit in [^·]+?(?= ·|$)/g],
  },
  rules: [
    { name: 'claude-code.trust', attention: 'trust', option: /^Yes, I trust\b/ },
    { name: 'claude-code.trust', attention: 'trust', question: /^Do you trust\b/ },
    {
      name: 'claude-code.login',
      attention: 'login',
      question: /^Do you want to use this API key/,
    },
    { name: 'claude-code.login', attention: 'login', opening: /^ ?Select login method/ },
    { name: 'claude-code.limit', attention: 'limit', option: /^(?:Stop and wait for|Upgrade\b)/ },
    {
      name: 'claude-code.question',
      attention: 'question',
      opening: /^ ?(?:←\s+)?[☐☒✔] /u,
    },
    {
      name: 'claude-code.question',
      attention: 'question',
      option: /^(?:\[ \] )?(?:Type something|Chat about this)\b/,
    },
    {
      name: 'claude-code.approval',
      attention: 'approval',
      question: /(?:^|[.!?:] )(?:Do you want|Would you like) to\b/,
    },
    { name: 'claude-code.approval', attention: 'approval', option: CONSENT },
    { name: 'claude-code.approval', attention: 'approval', pending: true },
    { name: 'claude-code.other-dialog', attention: 'other-dialog' },
  ],
};
