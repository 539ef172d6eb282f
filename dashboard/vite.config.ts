import { defineConfig } from 'vite';

const MONITOR = `http://127.0.0.1:${process.env.API_PORT ?? 3848}`;

/** `vite dashboard` serves it from source, beside a monitor that runs; `npm run build` makes what the monitor serves. */
export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2024',
    // What the page loads is its own, by the policy it is served with: nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': { target: MONITOR, changeOrigin: true },
      '/health': { target: MONITOR, changeOrigin: true },
      '/metrics': { target: MONITOR, changeOrigin: true },
      '/inspect': { target: MONITOR, changeOrigin: true },
      '/ws': { target: MONITOR, changeOrigin: true, ws: true },
    },
  },
});
