#!/usr/bin/env node
// The monitor, under whatever Node this is.
import { launch } from './launch.js';

await launch(() => import('./src/main.ts'), './daemon.js');
