import PgBoss from 'pg-boss';
import { childReady, childSettings } from '../child.js';
import { logLate } from './late-log.js';

const MINUTE_MS = 60_000;

/** pg-boss with so many schedules for every minute; it writes how late the job of each begins. A job names no time. */
const { url, items, file } = childSettings<{ url: string; items: number; file: string }>();
const boss = new PgBoss({ connectionString: url });
await boss.start();
for (let n = 0; n < items; n++) {
  const queue = `late-${n}`;
  await boss.createQueue(queue);
  await boss.work(queue, { pollingIntervalSeconds: 0.5 }, () => {
    const now = Date.now();
    const due = Math.floor(now / MINUTE_MS) * MINUTE_MS;
    logLate(file, `${n}@${due}`, now - due);
    return Promise.resolve();
  });
  await boss.schedule(queue, '* * * * *');
}
childReady();
