export { HISTORY_SCHEMAS } from './history.js';
export type { Effect, Entry, FaultLine, HistoryName, Operation, Sample, Write } from './history.js';
