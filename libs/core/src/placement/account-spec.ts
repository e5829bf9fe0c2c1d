import { checkOptions } from '../check-options.js';
import { InvalidArgumentError } from '../errors.js';
import { parseName } from '../names.js';
import { parseFlag } from '../parse-flag.js';
import { formatAmount, formatAmounts, parseAmounts, type Amounts, type GivenAmounts } from './amounts.js';
import { define, parseFields } from './definition.js';
import { shownAmounts, type ShownAmounts } from './shown-amounts.js';

/** An account, as records hold it: the owner of queues, between which resources are shared. */
export interface AccountSpec {
  /** Its share beside other accounts, from 0.001 to 1,000. */
  readonly weight: number;
  /** While it holds less than this it goes first, and may take it back from others. */
  readonly guarantee: Amounts;
  /** It never holds more; a resource that is not named has no bound. */
  readonly limit: Amounts;
  /** Others may use what it is guaranteed and does not use. */
  readonly lend: boolean;
}

/** An account as somebody gives it: fields that are not named stay as they are. */
export interface AccountOptions {
  /** Share beside other accounts, from 0.001 to 1,000; at first 1. */
  weight?: number | undefined;
  /** `{ cpu: 40, memory: '64GiB' }` or `'cpu=40,memory=64GiB'`; null: nothing is guaranteed, as at first. */
  guarantee?: GivenAmounts | string | null | undefined;
  /** The most that its tasks hold together; null: no bound, as at first. */
  limit?: GivenAmounts | string | null | undefined;
  /** Whether others may use what it is guaranteed and does not use; at first true. */
  lend?: boolean | undefined;
}

/** An account in the units that people write. */
export interface AccountView {
  readonly weight: number;
  readonly guarantee: ShownAmounts;
  readonly limit: ShownAmounts;
  readonly lend: boolean;
}

const NAMES = ['weight', 'guarantee', 'limit', 'lend'] as const satisfies (keyof AccountOptions)[];

export const ACCOUNT = define<AccountSpec, AccountOptions, AccountView>({
  standard: Object.freeze({ weight: 1, guarantee: Object.freeze({}), limit: Object.freeze({}), lend: true }),
  parseName,
  parse: (argument, given) => {
    checkOptions(given, NAMES, argument);
    return parseFields<AccountSpec>(
      given,
      {
        weight: { parse: parseWeight },
        guarantee: { parse: amountsOrNone },
        limit: { parse: amountsOrNone },
        lend: { parse: parseFlag },
      },
      argument,
    );
  },
  problem: ({ guarantee, limit }) => {
    const name = Object.keys(guarantee).find((each) => (limit[each] ?? Infinity) < (guarantee[each] ?? 0));
    if (name === undefined) return null;
    const [least, given] = [guarantee[name] ?? 0, limit[name] ?? 0].map((amount) => formatAmount(name, amount));
    return {
      field: 'limit',
      message: `limit: expected at least the guarantee, which is ${name}=${least}, got ${name}=${given}`,
    };
  },
  view: ({ weight, guarantee, limit, lend }) => ({
    weight,
    guarantee: shownAmounts(guarantee),
    limit: shownAmounts(limit),
    lend,
  }),
  format: ({ weight, guarantee, limit, lend }) =>
    [
      `weight ${weight}`,
      ...(Object.keys(guarantee).length === 0 ? [] : [`guarantee ${formatAmounts(guarantee)}`]),
      ...(Object.keys(limit).length === 0 ? [] : [`limit ${formatAmounts(limit)}`]),
      ...(lend ? [] : ['lends nothing']),
    ].join(', '),
});

function parseWeight(argument: string, given: unknown): number {
  if (typeof given === 'number' && given >= 0.001 && given <= 1_000) return given;
  throw new InvalidArgumentError(argument, given, 'a number from 0.001 to 1000');
}

const amountsOrNone = (argument: string, given: unknown): Amounts =>
  given === null ? Object.freeze({}) : parseAmounts(argument, given);
