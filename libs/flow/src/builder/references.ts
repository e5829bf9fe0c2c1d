import { InvalidArgumentError } from '@drover/core';
import type { Path, Template } from '../plan.js';
import { isLiteral, referenceOf, referencesIn, resolve } from '../references.js';

declare const VALUE: unique symbol;
interface Brand<T> {
  readonly [VALUE]?: T;
}

/**
 * Stands for a value that is not there yet: the input of the run, or the result of a step. Its fields are references too;
 * it has no value of its own while the flow is built.
 */
export type Ref<T> = 0 extends 1 & T
  ? // eslint-disable-next-line @typescript-eslint/no-explicit-any -- an unchecked result has any field
    any
  : Brand<T> &
      (T extends readonly (infer Each)[]
        ? { readonly [index: number]: Ref<Each> }
        : T extends object
          ? { readonly [Field in keyof T]-?: Ref<T[Field]> }
          : unknown);

/** A value in which parts, or all of it, may be references. */
export type Given<T> = Ref<T> | (0 extends 1 & T ? T : T extends object ? { [Field in keyof T]: Given<T[Field]> } : T);

/** The template behind a reference, and the step whose end it waits for; null: the input, which is there. */
interface Behind {
  readonly template: Template;
  readonly owner: string | null;
}

const BEHIND = new WeakMap<object, Behind>();

export function makeRef<T>(template: Template, owner: string | null): Ref<T> {
  const proxy = new Proxy(Object.freeze({}), {
    get: (_, field) => {
      if (field === 'toJSON') return () => template;
      if (field === 'then') return undefined;
      if (typeof field === 'symbol') return noValue(template);
      return makeRef(navigate(template, [field]), owner);
    },
  });
  standsFor(proxy, { template, owner });
  return proxy as Ref<T>;
}

/** From now on `object`, given as a value, means this. */
export function standsFor(object: object, behind: Behind): void {
  BEHIND.set(object, behind);
}

function noValue(template: Template): never {
  throw new InvalidArgumentError(
    'input',
    `the reference ${JSON.stringify(template)} has no value while the flow is built: give it to a step as input, the ` +
      'value is there when the step runs',
  );
}

/** The part of a template that a path leads to; where it leads nowhere, null. */
export function navigate(template: Template, path: Path): Template {
  let at = template;
  for (const part of path) at = partOf(at, part);
  return at;
}

function partOf(template: Template, part: string | number): Template {
  const reference = referenceOf(template);
  switch (reference?.kind) {
    case 'step':
      return { $step: reference.step, at: [...reference.at, part] };
    case 'input':
      return { $input: [...reference.at, part] };
    case 'outcome':
      return { $outcome: [...reference.at, part] };
    case 'items':
      return null;
    case undefined:
      break;
  }
  const value = isLiteral(template) ? template.$literal : template;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return null;
  const inner = (value as Readonly<Record<string | number, Template>>)[part] ?? null;
  return isLiteral(template) ? literal(inner) : inner;
}

const literal = (value: Template): Template =>
  typeof value === 'object' && value !== null ? { $literal: value } : value;

/** A template of what somebody gave; `owners` is told of the steps that it waits for. Throws `InvalidArgumentError`. */
export function toTemplate(given: unknown, argument: string, owners: Set<string>): Template {
  const behind = typeof given === 'object' && given !== null ? BEHIND.get(given) : undefined;
  if (behind !== undefined) {
    if (behind.owner !== null) owners.add(behind.owner);
    return behind.template;
  }
  switch (typeof given) {
    case 'string':
    case 'boolean':
      return given;
    case 'number':
      if (Number.isFinite(given)) return given;
      break;
    case 'undefined':
      return null;
    case 'object':
      return given === null ? null : objectOf(given, argument, owners);
    default:
      break;
  }
  throw new InvalidArgumentError(argument, given, 'what JSON keeps, and references');
}

function objectOf(given: object, argument: string, owners: Set<string>): Template {
  if (Array.isArray(given)) return given.map((each, at) => toTemplate(each, `${argument}.${at}`, owners));
  if ('toJSON' in given && typeof given.toJSON === 'function')
    return toTemplate((given as { toJSON: () => unknown }).toJSON(), argument, owners);
  const prototype: unknown = Object.getPrototypeOf(given);
  if (prototype !== Object.prototype && prototype !== null)
    throw new InvalidArgumentError(argument, given, 'a plain object: JSON would lose the rest of it');
  const fields = Object.entries(given).filter(([, value]) => value !== undefined);
  const inner = fields.map(([name, value]) => [name, toTemplate(value, `${argument}.${name}`, owners)] as const);
  if (!fields.some(([name]) => name.startsWith('$'))) return Object.fromEntries(inner);
  if (inner.some(([, template]) => !referencesIn(template).next().done))
    throw new InvalidArgumentError(argument, given, 'no field that begins with $ beside a reference');
  const values = inner.map(([name, template]) => [name, resolve(template, NOTHING) as Template] as const);
  return { $literal: Object.fromEntries(values) };
}

const NOTHING = { input: null, result: () => undefined };
