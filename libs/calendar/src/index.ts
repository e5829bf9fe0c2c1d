export type { EntryOptions, Exclusion, Instant, When, WhenEntry, WhenOptions } from './when.js';
export type { Calendar, CompileOptions } from './calendar.js';
export { compile } from './calendar.js';
export { datesOf, parseDates } from './dates.js';
export type { Dates } from './dates.js';
export { checkFires } from './check-fires.js';
export { parseWhen } from './parse-when.js';
export { dueOf, parseSpread, preview } from './preview.js';
export type { Fire, Spread } from './preview.js';
