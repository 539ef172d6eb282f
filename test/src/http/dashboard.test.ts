import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readDashboard } from '../../../src/http/dashboard.ts';
import { startServer } from './start.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'am-dashboard-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const read = () =>
  readDashboard(pathToFileURL(`${folder}/`)).map(({ content, ...file }) => ({
    ...file,
    content: String(content),
  }));

it('is the page and its assets', () => {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<p>hello');
  writeFileSync(join(folder, 'assets/index-1a.js'), '1');
  expect(read()).toEqual([
    { path: '/', type: 'html', content: '<p>hello' },
    { path: '/assets/index-1a.js', type: 'js', content: '1' },
  ]);
});

it('says how it is built where it is not', () => {
  expect(read()).toEqual([
    { path: '/', type: 'html', content: expect.stringContaining('npm run build') },
  ]);
});

it('is served whole and by itself alone, and its assets are kept for good', async () => {
  await using api = await startServer();
  const page = await api.call('GET', '/');
  expect(page).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
  expect(page.headers['content-security-policy']).toContain(
    "default-src 'none'; script-src 'self'",
  );
  const named = [...String(page.text).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
  const assets = named.filter((path) => path !== 'data:,');
  expect(assets).toHaveLength(2);
  for (const path of assets) {
    const asset = await api.call('GET', path ?? '');
    expect(asset.status).toBe(200);
    expect(asset.headers['cache-control']).toContain('immutable');
    expect(asset.headers['content-type']).toMatch(
      /^text\/css|^application\/javascript|^text\/javascript/,
    );
  }
});
