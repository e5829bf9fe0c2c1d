import { defineHandlers } from '@drover/worker';

/** Handlers that come later than the tasks. */
export default defineHandlers({ resize: () => ({ resized: true }) });
