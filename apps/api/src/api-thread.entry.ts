import { createLog } from '@drover/observability';
import { inBackground, messageOf, systemRuntime, uncaught } from '@drover/runtime';
import type { FromApi, FromScheduler } from '@drover/api';
import { parentPort, workerData } from 'node:worker_threads';
import { createApi } from './create-api.js';
import type { Channel } from './port.js';
import { ApiListenError } from './server/listen.js';
import type { ApiThreadData } from './thread-data.js';

/**
 * The thread of the API. It ends when the scheduler says `stop`, and by any fault of its own: the scheduler starts another one
 * then, and does not notice otherwise.
 */
if (parentPort === null) throw new Error('this is the program of a thread, which the scheduler starts');
const channelOfThread = parentPort;
const data = workerData as ApiThreadData;
const log = createLog({ ...data.log, fields: { role: 'scheduler', id: data.identity.id, thread: 'api' } });
const post = (message: FromApi): void => channelOfThread.postMessage(message);
const listeners: ((message: FromScheduler) => void)[] = [];
let stop: () => void = () => process.exit();
channelOfThread.on('message', (message: FromScheduler) => {
  if (message.kind === 'stop') stop();
  for (const listener of listeners) listener(message);
});
const channel: Channel = { post, listen: (listener) => void listeners.push(listener) };

try {
  const api = await createApi({ data, channel, runtime: systemRuntime, log });
  stop = () => {
    stop = () => undefined;
    inBackground(
      api.close().then(() => process.exit()),
      uncaught,
    );
  };
} catch (error) {
  if (!(error instanceof ApiListenError)) throw error;
  post({ kind: 'cannot-listen', message: messageOf(error) });
  process.exit();
}
