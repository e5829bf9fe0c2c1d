/** The fields of a filter, and the kind of value that each takes. `docs/filters.md` says what each matches. */
export const FILTER_FIELDS = {
  state: 'state',
  queue: 'name',
  type: 'name',
  worker: 'name',
  key: 'name',
  batch: 'name',
  id: 'name',
  since: 'time',
  until: 'time',
  attempt: 'number',
  error: 'part',
} as const satisfies Record<string, 'state' | 'name' | 'time' | 'number' | 'part'>;

export type FilterField = keyof typeof FILTER_FIELDS;
export const FILTER_FIELD_NAMES = Object.keys(FILTER_FIELDS) as readonly FilterField[];

/** `resize*` is `{ text: 'resize', prefix: true }`. For `error` and `state` never a prefix. */
export interface TextValue {
  text: string;
  prefix: boolean;
}
export interface NumberValue {
  operator: '=' | '>' | '>=' | '<' | '<=';
  number: number;
}
/** Milliseconds before the moment at which the filter is applied, or since 1970. */
export type TimeValue = { agoMs: number } | { at: number };

/** The values of a term are alternatives. */
export type FilterTerm = { negated: boolean } & (
  | { field: 'state' | 'queue' | 'type' | 'worker' | 'key' | 'batch' | 'id' | 'error'; values: TextValue[] }
  | { field: 'attempt'; values: NumberValue[] }
  | { field: 'since' | 'until'; values: TimeValue[] }
);

/** All terms must hold. None: every task is meant. */
export type Filter = readonly FilterTerm[];
