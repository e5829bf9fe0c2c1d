// Handlers of the system tests: each start leaves a line in a file that Drover knows nothing of.
import { appendFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const log = process.env['DROVER_TEST_EFFECTS'];

function effect(payload, context) {
  const { id: task, attempt, fencingToken, worker } = context;
  const line = { task, attempt, token: String(fencingToken), worker, n: payload.n };
  appendFileSync(log, `${JSON.stringify(line)}\n`);
}

async function work(payload, context) {
  effect(payload, context);
  // Its first attempt at this worker ends by the death of the worker.
  if (payload.slow === context.worker && context.attempt === 1)
    await delay(60_000, undefined, { signal: context.signal });
  if (payload.ms > 0) await delay(payload.ms, undefined, { signal: context.signal });
  return { n: payload.n, worker: context.worker };
}

// Fails until there is a file 'mended' beside the effects.
function mendable(payload, context) {
  effect(payload, context);
  if (!existsSync(join(dirname(log), 'mended'))) throw new TypeError('the provider is down');
  return payload.n;
}

// The other two are types that an earlier release left behind (releases/*-layout.json).
export default { work, mendable, hold: work, flaky: work };
