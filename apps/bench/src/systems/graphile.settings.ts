/** Handlers at a time: more than the documentation's 24, for each waits for its result's commit. */
const CONCURRENCY = 200;

/** The fastest settings of graphile-worker's page on performance: a local queue, and completion in batches. */
export const graphilePreset = (url: string) => ({
  worker: {
    connectionString: url,
    concurrentJobs: CONCURRENCY,
    // Fewer connections than handlers are warned of; they are opened as they are needed.
    maxPoolSize: CONCURRENCY,
    localQueue: { size: 500 },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
  },
});
