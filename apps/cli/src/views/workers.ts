import type { WorkerView } from '@drover/client';
import type { Colors } from '../terminal/colors.js';
import { showChange } from './format.js';
import { renderTable } from './table.js';

export function showWorkers(workers: readonly WorkerView[], now: number, colors: Colors, width = Infinity): string {
  if (workers.length === 0) return colors.yellow("No workers: start one with 'drover worker'");
  const rows = workers.map((worker) => [
    worker.name,
    worker.state === 'draining' ? colors.yellow(worker.state) : colors.green(worker.state),
    worker.out,
    worker.running,
    worker.capacity,
    Object.entries(worker.concurrency ?? {})
      .map(([type, count]) => `${type}=${count}`)
      .join(','),
    worker.host,
    worker.pid,
    Object.entries(worker.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    worker.drainedBy === undefined ? '' : `drained ${showChange(worker.drainedBy, now)}`,
  ]);
  return renderTable(
    [
      { head: 'worker', least: 8, paint: colors.bold },
      { head: 'state' },
      { head: 'out', align: 'right' },
      { head: 'running', align: 'right' },
      { head: 'capacity', align: 'right' },
      { head: 'limits', least: 8, leaveOut: 5, optional: true },
      { head: 'host', least: 8, leaveOut: 3 },
      { head: 'pid', align: 'right', leaveOut: 4 },
      { head: 'labels', least: 10, leaveOut: 2, optional: true },
      { head: 'note', least: 40, leaveOut: 1, optional: true },
    ],
    rows,
    colors,
    width,
  );
}
