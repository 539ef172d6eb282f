import { readFileSync } from 'node:fs';
import type { Context } from 'koa';
import { readDashboard } from '../dashboard.ts';
import { type ApiDocument, drawDocsPage } from '../docs-page.ts';
import { describeApi, describedAt } from '../openapi.ts';
import { type ApiRouter, hostOf } from '../request.ts';

/** The dashboard, the API's description, and the page that takes the live actors to an inspector. */
export const addPageRoutes = (
  router: ApiRouter,
  api: { version: string; kinds: readonly string[] },
): void => {
  // Made of all schemas: a start is not to wait for that.
  let description: ApiDocument | undefined;
  const described = (): ApiDocument => {
    description ??= describeApi(api);
    return description;
  };
  router.get('/openapi.json', (ctx) => {
    ctx.body = describedAt(described(), hostOf(ctx.req));
  });

  const pages: Page[] = [
    { path: '/docs', type: 'html', content: () => drawDocsPage(described()) },
    { path: '/docs.css', type: 'css', content: read('docs.css') },
    { path: '/login', type: 'html', content: LOGIN_PAGE },
    { path: '/login.css', type: 'css', content: read('login.css') },
    { path: '/login.js', type: 'js', content: read('login.js') },
    { path: '/inspect', type: 'html', content: read('inspect.html'), frames: 'http: https:' },
    { path: '/inspect.css', type: 'css', content: read('inspect.css') },
    { path: '/inspect.js', type: 'js', content: read('inspect.js') },
  ];
  for (const { path, type, content, frames } of pages) {
    router.get(path, (ctx) => {
      ctx.type = type;
      ctx.set('Content-Security-Policy', frames ? `${POLICY}; frame-src ${frames}` : POLICY);
      ctx.body = typeof content === 'string' ? content : content();
    });
  }
  addDashboard(router);
};

const addDashboard = (router: ApiRouter): void => {
  for (const { path, type, content } of readDashboard()) {
    router.get(path, (ctx) => {
      ctx.type = type;
      ctx.set('Content-Security-Policy', DASHBOARD_POLICY);
      // An asset's name changes with its content.
      if (path !== '/') ctx.set('Cache-Control', 'private, max-age=31536000, immutable');
      ctx.body = content;
    });
  }
};

/** Instead of a problem, to a person whose browser was sent to a page and is not known. */
export const showLoginPage = (ctx: Context): void => {
  if (ctx.method !== 'GET' || ctx.accepts('json', 'html') !== 'html') return;
  ctx.type = 'html';
  ctx.set('Content-Security-Policy', POLICY);
  ctx.body = LOGIN_PAGE;
};

interface Page {
  path: string;
  type: 'html' | 'css' | 'js';
  content: string | (() => string);
  /** What it may show in a frame; nothing where it is left out. */
  frames?: string;
}

const read = (file: string): string =>
  readFileSync(new URL(`../pages/${file}`, import.meta.url), 'utf8');

const LOGIN_PAGE = read('login.html');

/** All is the server's own. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** The terminal's library styles its rows by `style` elements; the icon in the tab is drawn by the page. */
const DASHBOARD_POLICY = `${POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")}; img-src 'self' data:`;
