/** Parts that screens are drawn from. */

export const RULE = '─'.repeat(80);

/** An input box between two rule lines, and what stands below it. */
export const ruledBox = (typed = '', footer = '  ? for shortcuts'): string[] => [
  RULE,
  `> ${typed}`.trimEnd(),
  RULE,
  footer,
];
