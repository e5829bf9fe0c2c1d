/** What reads text of callers, for the program that gives it garbage (apps/fuzz). */
export { ApiError } from './api-error.js';
export { normalise } from './live/normalise.js';
export { cursorOf, readCursor } from './server/cursor.js';
export { checked } from './server/validate.js';
export { topicsOf } from './streams/topics.js';
export { read as readFourLetters } from './zookeeper/four-letters.js';
