import type * as z from 'zod';
import type * as schemas from './schemas/index.js';

type SchemaName = {
  [Name in keyof typeof schemas]: (typeof schemas)[Name] extends z.ZodType ? Name : never;
}[keyof typeof schemas];

/** The type that a schema describes, by its name: `Shape<'overview'>`. */
export type Shape<Name extends SchemaName> = z.output<(typeof schemas)[Name]>;
