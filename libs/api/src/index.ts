export * from './errors.js';
export * from './permissions.js';
export * from './revision.js';
export * from './route.js';
export * from './routes/index.js';
export type * from './questions.js';
export type * from './typed.js';
export type { Shape } from './shape.js';
export * as schemas from './schemas/index.js';
