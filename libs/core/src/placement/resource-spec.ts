import { checkOptions } from '../check-options.js';
import { InvalidArgumentError } from '../errors.js';
import { formatAmount, isInBytes, parseAmount, parseResourceName, SLOTS } from './amounts.js';
import { define, parseFields } from './definition.js';

/** A floating resource, as records hold it: it belongs to the whole system, such as licences, and to no worker. */
export interface ResourceSpec {
  /** In thousandths. */
  readonly total: number;
}

/** A floating resource as somebody gives it, and as it is shown. */
export interface ResourceOptions {
  /** How much of it there is: a number from 0 with three decimals at most. */
  total?: number | undefined;
}
export type ResourceView = Readonly<Required<{ [Field in keyof ResourceOptions]: number }>>;

const NAMES = ['total'] as const satisfies (keyof ResourceOptions)[];
/** Those that workers have by themselves. */
const OF_WORKERS: ReadonlySet<string> = new Set([SLOTS, 'cpu']);

export const RESOURCE = define<ResourceSpec, ResourceOptions, ResourceView>({
  standard: Object.freeze({ total: 0 }),
  parseName: (argument, given) => {
    const name = parseResourceName(argument, given);
    if (!OF_WORKERS.has(name) && !isInBytes(name)) return name;
    throw new InvalidArgumentError(
      argument,
      name,
      'a resource of the whole system, such as licence.x: each worker has its own of this',
    );
  },
  parse: (argument, given) => {
    checkOptions(given, NAMES, argument);
    return parseFields<ResourceSpec>(given, { total: { parse: (at, total) => parseAmount(at, '', total) } }, argument);
  },
  problem: () => null,
  view: ({ total }) => ({ total: total / 1_000 }),
  format: ({ total }) => `${formatAmount('', total)} in all`,
});
