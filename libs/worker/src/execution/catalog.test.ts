import test from 'ava';
import { silentLog, silentMetrics } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import { Catalog, type TypeEntry } from './catalog.js';

function catalogOf(types: readonly string[]): Catalog {
  const entry: TypeEntry = { instant: () => 'null' };
  return new Catalog({
    ...{
      runtime: systemRuntime,
      log: silentLog,
      metrics: silentMetrics,
      worker: 'w',
      traces: false,
      module: null,
      builtin: [],
    },
    ...{ http: {}, computeThreads: 1, blockedAfterMs: 1_000, typeConcurrency: {} },
    types: new Map(types.map((type) => [type, entry])),
  });
}

test('a limit of a type that is not offered, or that takes no place, is refused', async (t) => {
  const types = new Map<string, TypeEntry>([['noop', { instant: () => 'null' }]]);
  const limited = (typeConcurrency: Record<string, number>): Catalog =>
    new Catalog({
      ...{
        runtime: systemRuntime,
        log: silentLog,
        metrics: silentMetrics,
        worker: 'w',
        traces: false,
        module: null,
        builtin: [],
      },
      ...{ http: {}, computeThreads: 1, blockedAfterMs: 1_000, types, typeConcurrency },
    });
  await t.throwsAsync(limited({ ocr: 1 }).open(), { message: /expected types that this worker offers, got "ocr"/ });
  await t.throwsAsync(limited({ noop: 1 }).open(), { message: /tasks of 'noop' end at once/ });
});

test('a worker offers as many types as its record can name, and is refused with more', async (t) => {
  const types = Array.from({ length: 1_100 }, (_, i) => `${'t'.repeat(122)}-${String(i).padStart(5, '0')}`);
  const fits = catalogOf(types.slice(0, 1_000));
  await fits.open();
  t.is(fits.types().length, 1_000);
  await t.throwsAsync(catalogOf(types).open(), {
    name: 'InvalidArgumentError',
    message: /handlers: .*at most 131072 bytes.*1100 types/,
  });
});
