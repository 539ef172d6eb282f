import { readFileSync } from 'node:fs';
import { drawDocsPage } from '../docs-page.ts';
import { describeApi } from '../openapi.ts';
import type { ApiRouter } from '../request.ts';

/** The API's description, for programs and for people, and the page that takes the live actors to an inspector. */
export const addPageRoutes = (
  router: ApiRouter,
  api: { version: string; kinds: readonly string[] },
): void => {
  const description = describeApi(api);
  router.get('/openapi.json', (ctx) => {
    ctx.body = description;
  });

  const pages: Page[] = [
    { path: '/docs', type: 'html', content: drawDocsPage(description) },
    { path: '/docs.css', type: 'css', content: read('docs.css') },
    { path: '/inspect', type: 'html', content: read('inspect.html') },
    { path: '/inspect.css', type: 'css', content: read('inspect.css') },
    { path: '/inspect.js', type: 'js', content: read('inspect.js') },
  ];
  for (const { path, type, content } of pages) {
    router.get(path, (ctx) => {
      ctx.type = type;
      ctx.set('Content-Security-Policy', POLICY);
      ctx.body = content;
    });
  }
};

interface Page {
  path: string;
  type: 'html' | 'css' | 'js';
  content: string;
}

const read = (file: string): string =>
  readFileSync(new URL(`../pages/${file}`, import.meta.url), 'utf8');

/** All is the server's own, but for the page that a person chose to open in `/inspect`. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src http: https:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
