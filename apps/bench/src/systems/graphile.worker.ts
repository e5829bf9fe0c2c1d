import { run } from 'graphile-worker';
import pg from 'pg';
import { childReady, childSettings } from '../child.js';
import type { Payload } from '../system.js';
import { ResultWriter } from './result-table.js';

const CONCURRENCY = 200;

const { url } = childSettings<{ url: string }>();
const results = new ResultWriter(new pg.Pool({ connectionString: url, max: 4 }));
await run({
  preset: {
    worker: {
      connectionString: url,
      // More handlers at a time than the documentation's 24: each waits for its result's commit.
      concurrentJobs: CONCURRENCY,
      // Fewer connections than handlers are warned of; they are opened as they are needed.
      maxPoolSize: CONCURRENCY,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
  noHandleSignals: true,
  taskList: { task: (given) => results.write((given as Payload).i) },
});
childReady();
