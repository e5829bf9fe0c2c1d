/** What a term of a filter may speak of, and what kind of value it takes. */
export const FILTER_FIELDS = {
  state: { kind: 'state', about: 'state of the task' },
  queue: { kind: 'name', about: 'name of its queue' },
  type: { kind: 'name', about: 'its task type' },
  worker: { kind: 'name', about: 'name of the worker of its current or last attempt' },
  key: { kind: 'name', about: 'its deduplication key' },
  batch: { kind: 'name', about: 'id of its batch' },
  id: { kind: 'name', about: 'its task id' },
  since: { kind: 'time', about: 'submitted at this time or later' },
  until: { kind: 'time', about: 'submitted before this time' },
  attempt: { kind: 'number', about: 'number of its current or last attempt' },
  error: { kind: 'part', about: 'part of the name or message of its last error, in any case' },
} as const satisfies Record<string, { kind: 'state' | 'name' | 'time' | 'number' | 'part'; about: string }>;

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
