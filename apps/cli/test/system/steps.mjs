// Handlers of flows in the system tests: their payloads say what they do. Each start leaves a line, as those of handlers.mjs.
import { appendFileSync, existsSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';

const log = process.env['DROVER_TEST_EFFECTS'];

/** A line for a start of a step: its place in its run, and what it was given. */
function effect(payload, { id: task, attempt, fencingToken, worker, flow }) {
  const { run, step, index: item, generation } = flow;
  const line = { task, attempt, token: String(fencingToken), worker, run, step, item, generation, payload };
  appendFileSync(log, `${JSON.stringify(line)}\n`);
}

/** Resolves when there is a file `name` beside the effects; rejects when the task is aborted. */
function opened(name, signal) {
  return new Promise((resolve, reject) => {
    const folder = dirname(log);
    const watcher = watch(folder, () => look());
    const over = (settle, value) => {
      watcher.close();
      signal.removeEventListener('abort', aborted);
      settle(value);
    };
    const look = () => existsSync(join(folder, name)) && over(resolve);
    const aborted = () => over(reject, signal.reason);
    signal.addEventListener('abort', aborted);
    look();
  });
}

/**
 * `until`: a file that it waits for. `fails`: always. `mended`: it fails until there is this file. `label`, `skips`: how it ends.
 * It gives where it was, and what it was given as `from`.
 */
async function step(payload, context) {
  effect(payload, context);
  const { until, fails = false, mended, label, skips = false, from = null } = payload ?? {};
  if (until !== undefined) await opened(until, context.signal);
  const isBroken = fails || (mended !== undefined && !existsSync(join(dirname(log), mended)));
  if (isBroken) throw new Error('it fails');
  if (label !== undefined) context.label(label);
  if (skips) context.skip('there is nothing to do');
  return { at: `${context.flow.step}/${context.flow.generation}`, from };
}

/** `fails` items at the beginning fail, the others wait for a file, if one is named. */
async function item(payload, context) {
  effect({ n: payload.n }, context);
  if (payload.n < (payload.fails ?? 0)) throw new Error('it fails');
  if (payload.until !== undefined) await opened(payload.until, context.signal);
  return payload.n;
}

/** Finds `count` items. The first attempt stops half way, and waits for its worker's death. */
async function* find({ count }, context) {
  for (let n = 0; n < count; n++) {
    if (n === count / 2 && context.attempt === 1) {
      effect({ n }, context);
      await opened('never', context.signal);
    }
    yield { n };
  }
}

const add = ({ results }) => ({
  sum: results.reduce((sum, each) => sum + (typeof each === 'number' ? each : each.sum), 0),
  count: results.reduce((count, each) => count + (typeof each === 'number' ? 1 : each.count), 0),
});

export default { step, item, find, add };
