// The process_* metrics of Prometheus' own clients. prom-client's defaults are not usable: under Bun half of them are zero or
// wrong, and measuring the event loop wakes an idle process a hundred times a second.
import { readdirSync, readFileSync } from 'node:fs';
import type { MetricsRegistry } from './metrics-registry.ts';

/** Metrics that need /proc are left out where it does not exist. */
export function addProcessMetrics(registry: MetricsRegistry): void {
  const startTime = Date.now() / 1000 - process.uptime();
  registry.counterOf('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  registry.gaugeOf(
    'process_start_time_seconds',
    'Start time of the process since the epoch in seconds',
    () => startTime,
  );
  registry.gaugeOf('process_resident_memory_bytes', 'Resident memory size in bytes', () => process.memoryUsage.rss());
  if (process.platform !== 'linux') return;
  registry.gaugeOf('process_virtual_memory_bytes', 'Virtual memory size in bytes', virtualMemoryBytes);
  registry.gaugeOf('process_open_fds', 'Number of open file descriptors', () => readdirSync('/proc/self/fd').length);
  registry.gaugeOf('process_max_fds', 'Maximum number of open file descriptors', maxFileDescriptors);
}

function virtualMemoryBytes(): number {
  return Number(/^VmSize:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}

function maxFileDescriptors(): number {
  return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
}
