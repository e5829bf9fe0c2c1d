import { makeWorkerUtils, run } from 'graphile-worker';
import { childReady, childSettings } from '../child.js';
import { graphilePreset } from './graphile.settings.js';
import { handWorker, type HandStep } from './flows-by-hand.js';

const { url } = childSettings<{ url: string }>();
const utils = await makeWorkerUtils({ connectionString: url });
const work = await handWorker(url, (steps) => utils.addJobs(steps.map((payload) => ({ identifier: 'step', payload }))));
await run({
  preset: graphilePreset(url),
  noHandleSignals: true,
  taskList: { step: (given) => work(given as HandStep) },
});
childReady();
