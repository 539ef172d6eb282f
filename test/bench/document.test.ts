import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withReport } from '../../bench/document.ts';

const PAGE = 'before\n<!-- x: begin -->\n\nold\n\n<!-- x: end -->\nafter\n';

it('replaces what stands between the markers, and nothing else', () => {
  const page = withReport(PAGE, 'x', 'new $& figures');
  expect(page).toBe('before\n<!-- x: begin -->\n\nnew $& figures\n\n<!-- x: end -->\nafter\n');
});

it('refuses a page without a place for the benchmark', () => {
  expect(() => withReport(PAGE, 'y', 'new')).toThrow('no place for y');
});

it('finds its place in docs/benchmarks.md', () => {
  const page = readFileSync(new URL('../../docs/benchmarks.md', import.meta.url), 'utf8');
  expect(withReport(page, 'detection', 'figures')).toContain('\n\nfigures\n\n');
});
