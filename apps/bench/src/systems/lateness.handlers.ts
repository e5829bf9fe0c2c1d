import { defineHandlers } from '@drover/core';
import { logLate } from './late-log.js';

/** Writes, for each fire, its id and how late its handler began, in ms, into the file that the payload names. */
export default defineHandlers({
  late: (file: string, { fire }) => {
    logLate(file, fire?.id ?? '', Date.now() - Date.parse(fire?.due ?? ''));
  },
});
