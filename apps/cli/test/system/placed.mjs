// Handlers of tasks with resources: each run leaves lines in the form of `drover verify`, in a file that Drover knows nothing of.
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const log = process.env['DROVER_TEST_EFFECTS'];
// The resources and labels that its worker was started with.
const { has, labels } = JSON.parse(process.env['DROVER_TEST_WORKER'] ?? '{}');

const write = (line) =>
  appendFileSync(log, `${JSON.stringify({ at: Number(process.hrtime.bigint()) / 1e6, ...line })}\n`);

async function placed({ name, needs, ms }, { id, attempt, fencingToken, worker, devices, signal }) {
  const about = { task: name, id, attempt, token: String(fencingToken), worker, life: process.pid };
  write({ type: 'start', ...about, needs, devices, has, labels });
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    write({ type: 'aborted', ...about, cause: signal.reason?.abortCause });
    throw error;
  }
  write({ type: 'end', ...about, value: name });
  return name;
}

export default { placed };
