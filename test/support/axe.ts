/** What axe-core finds against a page, as people who cannot see it or use no mouse would meet it. */

import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** One line for each element that breaks a rule: the rule, the element, and what is wrong. */
export const violationsOf = async (page: Page): Promise<string[]> => {
  // The policy that the page is served with lets no script in; what the browser's user evaluates is not held by it.
  await page.evaluate(axe.source);
  // The letters of a terminal are the agent's; the same rows for screen readers stand beside them.
  const { violations } = (await page.evaluate(
    `axe.run({ exclude: '.xterm-rows' }, { resultTypes: ['violations'] })`,
  )) as axe.AxeResults;
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html}\n${failureSummary}`),
  );
};
