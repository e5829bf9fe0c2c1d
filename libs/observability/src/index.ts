export { EVENTS } from './events.js';
export { silentLog } from './log.js';
export type { EventFields, EventName, Log } from './log.js';
