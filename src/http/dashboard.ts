import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';

/** A file of the dashboard as a browser asks for it. */
export interface DashboardFile {
  /** From the root, such as `/` or `/assets/index-CJnILogO.js`. */
  path: string;
  /** What its content is, as a file's extension. */
  type: string;
  content: Buffer;
}

/** What `npm run build` has made; read once, so that an upgrade under a running monitor changes nothing. */
export const readDashboard = (folder: URL = BUILT): DashboardFile[] => {
  const page = new URL('index.html', folder);
  const content = existsSync(page) ? readFileSync(page) : Buffer.from(NOT_BUILT);
  return [{ path: '/', type: 'html', content }, ...readAssets(new URL('assets/', folder))];
};

const readAssets = (folder: URL): DashboardFile[] =>
  existsSync(folder)
    ? readdirSync(folder).map((name) => ({
        path: `/assets/${name}`,
        type: extname(name).slice(1),
        content: readFileSync(new URL(name, folder)),
      }))
    : [];

const BUILT = new URL('../../dashboard/dist/', import.meta.url);

/** For whoever starts the daemon without the set-up. */
const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>agent-monitor</title>
<p>The dashboard is not built yet. Run <code>npm run build</code> and restart the monitor; <code>npm start</code> does it by itself.</p>
<p>The API is there all the same: <a href="/docs">/docs</a></p>
`;
