import { NAME_PATTERN, patternOf, type Shape } from '@drover/core';
import * as z from 'zod';

/** The schema of a field whose shape `core` says. */
export function schemaOf(shape: Shape): z.ZodType {
  switch (shape.kind) {
    case 'text':
      return z.string();
    case 'flag':
      return z.boolean();
    case 'number':
    case 'whole':
      return numberOf(shape);
    case 'choice':
      return z.enum(shape.of);
    case 'name':
      return z.string().regex(patternOf(shape.of));
    case 'optional':
      return schemaOf(shape.of).optional();
    case 'nullable':
      return schemaOf(shape.of).nullable();
    case 'by-name':
      return z
        .record(z.string().regex(NAME_PATTERN), schemaOf(shape.of))
        .refine((value) => Object.keys(value).length <= shape.most, { error: `more than ${shape.most} names` });
    case 'list':
      return z.array(schemaOf(shape.of)).min(1).max(shape.most);
    case 'fields':
      return z.looseObject(
        Object.fromEntries(Object.entries(shape.fields).map(([name, field]) => [name, schemaOf(field)])),
      );
  }
}

function numberOf(shape: Extract<Shape, { kind: 'number' | 'whole' }>): z.ZodNumber {
  const { min, max } = shape;
  const above = shape.kind === 'number' ? shape.above : undefined;
  let schema = shape.kind === 'whole' ? z.number().int() : z.number();
  if (min !== undefined) schema = schema.min(min);
  if (above !== undefined) schema = schema.gt(above);
  return max === undefined ? schema : schema.max(max);
}
