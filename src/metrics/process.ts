/**
 * What Prometheus' clients tell of every process, under the names that are the same for all of them.
 * Not by the library's own collector: that wakes the process ten times and more a second, for as
 * long as it lives (0.16).
 */

import { readdirSync } from 'node:fs';
import { Counter, Gauge } from '@prometheus-io/client';
import type { MetricsRegistry } from './figures.ts';

/** Answers what brings them up to date. */
export const addProcessFigures = (registry: MetricsRegistry): (() => void) => {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const cpu = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time of the process in seconds.',
    registers,
  });
  const rss = gauge('process_resident_memory_bytes', 'Resident memory of the process in bytes.');
  const files = gauge(
    'process_open_fds',
    'Open file descriptors; missing where /proc does not tell.',
  );
  const started = gauge('process_start_time_seconds', 'Start of the process, Unix time.');
  const heapUsed = gauge('nodejs_heap_size_used_bytes', 'Bytes of the JavaScript heap in use.');
  const heapTotal = gauge('nodejs_heap_size_total_bytes', 'Bytes of the JavaScript heap.');
  const external = gauge('nodejs_external_memory_bytes', 'Bytes outside of the JavaScript heap.');
  started.set(performance.timeOrigin / 1000);

  return () => {
    const { user, system } = process.cpuUsage();
    cpu.reset();
    cpu.inc((user + system) / 1e6);
    const memory = process.memoryUsage();
    rss.set(memory.rss);
    heapUsed.set(memory.heapUsed);
    heapTotal.set(memory.heapTotal);
    external.set(memory.external);
    const open = countOpenFiles();
    if (open === null) files.remove();
    else files.set(open);
  };
};

const countOpenFiles = (): number | null => {
  try {
    // One of them is the one that reads the folder.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    // macOS has no such folder, and a process that may open no more files cannot read it.
    return null;
  }
};
