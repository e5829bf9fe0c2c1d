import { BUILT_IN_TYPES, runWorker } from '@drover/worker-app';
import {
  attemptFields,
  connectionFields,
  opsFields,
  processFields,
  resolveWorkerConfig,
  workerFields,
} from '@drover/config';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { exitCodeOf } from '../failure.js';
import { COMMON_OPTIONS, optionsOf, without } from '../options.js';
import { settingsOf } from '../settings.js';
import { VERSION } from '../version.js';

export const command: Command = {
  options: {
    ...optionsOf(
      without(workerFields, { ...connectionFields, ...processFields, ...opsFields, ...attemptFields }),
      'Worker:',
    ),
    ...optionsOf({ ...opsFields, ...attemptFields }, 'Monitoring:'),
    ...COMMON_OPTIONS,
  },
  details: `Built-in task types: ${BUILT_IN_TYPES.join(', ')}.
shell, http and file.* act on this machine or its network. A worker offers them only if --builtin names them, because
anybody who can write to ZooKeeper can use them. Fields, results and limits: docs/built-in-types.md.

Your own come from the module of --handlers: its default export maps a type to a function (payload, ctx) => result, or to
{ run, kind: "io" | "compute", timeout, retry, schema }. SIGTERM lets running tasks finish, for at most --stop-timeout; a second
signal ends the process at once. SIGHUP reads labels, resources and over-commitment again.`,
  examples: [
    ['drover worker --handlers ./handlers.mjs --concurrency 16', 'your own task types'],
    ['drover worker --handlers ./handlers.mjs --type-concurrency ocr=2', 'two ocr tasks at a time, others beside them'],
    ['drover worker --builtin shell,http --http-allow api.internal:8443', 'programs, and requests to public addresses'],
    ['drover worker --otlp-endpoint http://127.0.0.1:4318 --trace-errors', 'spans of attempts: docs/traces.md'],
    [
      "drover worker --resources 'auto,gpu=0|1' --pool batch",
      'processors and memory of the machine, two named devices',
    ],
    ['drover worker --handlers ./handlers.mjs --concurrency auto', 'as many at a time as the services behind it bear'],
    [
      'drover worker --name gpu-1 --labels zone=a,disk=ssd --weight 3',
      'three times the share under --strategy weighted',
    ],
  ],
  run: async (environment) => {
    const resolve = () => resolveWorkerConfig(settingsOf(environment));
    const config = resolve();
    try {
      const reloading = {
        settings: resolve,
        ready: (reload: () => void): void => void (environment.interruption.hangUp = reload),
      };
      await runWorker(config, { version: VERSION, signal: environment.signal, reloading });
      return EXIT.DONE;
    } catch (error) {
      // The process has logged it.
      return exitCodeOf(error);
    }
  },
};
