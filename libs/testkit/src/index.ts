export { HandlersStillRunError, testDrover } from './test-drover.js';
export type { TestDrover, TestDroverOptions } from './test-drover.js';
export { runHandler } from '@drover/worker';
export type { HandlerRun, RunHandlerOptions } from '@drover/worker';
