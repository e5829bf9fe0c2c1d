import { InvalidArgumentError } from '../errors.js';
import { sameJson } from '../same-json.js';
import { ACCOUNT, type AccountOptions, type AccountSpec, type AccountView } from './account-spec.js';
import type { DefinitionOf } from './definition.js';
import { POOL, type PoolOptions, type PoolSpec, type PoolView } from './pool-spec.js';
import { RESOURCE, type ResourceOptions, type ResourceSpec, type ResourceView } from './resource-spec.js';

/** Each kind of definition as records hold it, as somebody gives it, and as it is shown. */
export interface Specs {
  account: AccountSpec;
  pool: PoolSpec;
  resource: ResourceSpec;
}
export interface DefinitionOptions {
  account: AccountOptions;
  pool: PoolOptions;
  resource: ResourceOptions;
}
export interface DefinitionViews {
  account: AccountView;
  pool: PoolView;
  resource: ResourceView;
}

export const DEFINITION_KINDS = ['account', 'pool', 'resource'] as const satisfies (keyof Specs)[];
export type DefinitionKind = keyof Specs;

type Definition<Kind extends DefinitionKind> = DefinitionOf<
  Specs[Kind],
  DefinitionOptions[Kind],
  DefinitionViews[Kind]
>;
const TABLE: { readonly [Kind in DefinitionKind]: Definition<Kind> } = {
  account: ACCOUNT,
  pool: POOL,
  resource: RESOURCE,
};

export const definitionOf = <Kind extends DefinitionKind>(kind: Kind): Definition<Kind> => TABLE[kind];

/** The definition after a change. Throws `InvalidArgumentError` where its fields contradict each other. */
export function changedDefinition<Kind extends DefinitionKind>(
  kind: Kind,
  before: Specs[Kind] | null,
  change: Partial<Specs[Kind]>,
): Specs[Kind] {
  const { standard, problem } = definitionOf(kind);
  const spec: Specs[Kind] = { ...(before ?? standard), ...change };
  const found = problem(spec);
  if (found !== null) throw new InvalidArgumentError(found.field, found.message);
  return spec;
}

/** Both were made by the parsers, which write names in their order. */
export const sameDefinition = <Kind extends DefinitionKind>(a: Specs[Kind], b: Specs[Kind]): boolean => {
  const names = Object.keys({ ...a, ...b }) as (keyof Specs[Kind])[];
  return names.every((name) => sameJson(a[name], b[name]));
};
