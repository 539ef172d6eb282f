#!/usr/bin/env node
// The command line, under whatever Node this is.
import { launch } from './launch.js';

await launch(() => import('./src/cli.ts'), './agent-monitor.js');
