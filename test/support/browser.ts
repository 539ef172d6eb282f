/** A real browser without a window, with a profile of its own that is thrown away. */

import { execFileSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const startBrowser = async (): Promise<Browser & AsyncDisposable> => {
  // Chromium's own sandbox does not work for root.
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: findBrowser(),
    args: isRoot ? ['--no-sandbox', ...FLAGS] : FLAGS,
  });
};

const findBrowser = (): string => {
  const found = execFileSync('sh', ['-c', `command -v ${NAMES.join(' ')} | head -n 1`]);
  const path = found.toString().trim();
  if (path === '') throw new Error(`none of ${NAMES.join(', ')} is installed`);
  return path;
};
