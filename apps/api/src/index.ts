export { apiThreadData } from './thread-data.js';
export type { ApiThreadData, Identity } from './thread-data.js';

/** The program of the thread. */
export const API_THREAD = new URL('./api-thread.entry.js', import.meta.url);
