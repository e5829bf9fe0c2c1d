import type { Path, Template } from './plan.js';

/** A reference in a template, by its one field. */
export type Reference =
  | { readonly kind: 'step'; readonly step: string; readonly at: Path }
  | { readonly kind: 'input' | 'outcome'; readonly at: Path }
  | { readonly kind: 'items'; readonly step: string };

/** The values that references stand for. `undefined` counts as null. */
export interface Sources {
  readonly input: unknown;
  /** The result of a step that has succeeded; undefined: it has none. */
  readonly result: (step: string) => unknown;
  readonly outcome?: unknown;
}

/** Null: the value is no reference. Fields that begin with `$` and are none of these are refused by `checkPlan`. */
export function referenceOf(value: Template): Reference | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const fields = value as Readonly<Record<string, Template>>;
  if (typeof fields.$step === 'string') return { kind: 'step', step: fields.$step, at: pathOf(fields.at) };
  if (Array.isArray(fields.$input)) return { kind: 'input', at: pathOf(fields.$input) };
  if (Array.isArray(fields.$outcome)) return { kind: 'outcome', at: pathOf(fields.$outcome) };
  return typeof fields.$items === 'string' ? { kind: 'items', step: fields.$items } : null;
}

const pathOf = (at: Template | undefined): Path =>
  Array.isArray(at)
    ? (at as readonly Template[]).filter((part) => typeof part === 'string' || typeof part === 'number')
    : [];

/** The references in a template, from left to right. */
export function* referencesIn(template: Template): Generator<Reference> {
  const reference = referenceOf(template);
  if (reference !== null) yield reference;
  else if (!isLiteral(template) && typeof template === 'object' && template !== null)
    for (const inner of Object.values<Template>(template)) yield* referencesIn(inner);
}

/** The value that a template stands for. A path that leads nowhere gives null. */
export function resolve(template: Template, sources: Sources): unknown {
  const reference = referenceOf(template);
  if (reference !== null) return valueOf(reference, sources);
  if (isLiteral(template)) return template.$literal;
  if (Array.isArray(template)) return (template as readonly Template[]).map((inner) => resolve(inner, sources));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([name, inner]) => [name, resolve(inner, sources)]));
}

function valueOf(reference: Reference, { input, result, outcome }: Sources): unknown {
  switch (reference.kind) {
    case 'step':
      return follow(result(reference.step), reference.at);
    case 'input':
      return follow(input, reference.at);
    case 'outcome':
      return follow(outcome, reference.at);
    case 'items':
      return null;
  }
}

/** Null where the path leads nowhere. Only own properties count. */
export function follow(value: unknown, path: Path): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return null;
    at = (at as Record<string | number, unknown>)[part];
  }
  return at ?? null;
}

export const isLiteral = (template: Template): template is { readonly $literal: Template } =>
  typeof template === 'object' && template !== null && Object.hasOwn(template, '$literal');

/**
 * The template with other references: `replace` gives what stands in the place of each, null to keep it. A literal stays.
 */
export function replaceReferences(
  template: Template,
  replace: (reference: Reference) => Template | undefined,
): Template {
  const reference = referenceOf(template);
  if (reference !== null) {
    const other = replace(reference);
    return other === undefined ? template : other;
  }
  if (isLiteral(template) || typeof template !== 'object' || template === null) return template;
  if (Array.isArray(template))
    return (template as readonly Template[]).map((inner) => replaceReferences(inner, replace));
  return Object.fromEntries(Object.entries(template).map(([name, inner]) => [name, replaceReferences(inner, replace)]));
}
