import { run } from 'graphile-worker';
import { childReady, childSettings } from '../child.js';
import { logLate } from './late-log.js';

/** graphile-worker with so many items of a crontab for every minute; it writes how late the job of each begins. */
const { url, items, file } = childSettings<{ url: string; items: number; file: string }>();
await run({
  connectionString: url,
  concurrency: items,
  maxPoolSize: items,
  noHandleSignals: true,
  crontab: Array.from({ length: items }, (_, n) => `* * * * * late ?id=item-${n} {item:${n}}`).join('\n'),
  taskList: {
    late: (given) => {
      const { item, _cron } = given as { item: number; _cron: { ts: string } };
      const due = Date.parse(_cron.ts);
      logLate(file, `${item}@${due}`, Date.now() - due);
    },
  },
});
childReady();
