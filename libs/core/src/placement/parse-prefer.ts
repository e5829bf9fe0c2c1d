import { checkOptions } from '../check-options.js';
import { InvalidArgumentError } from '../errors.js';
import type { Shape } from '../shapes.js';
import { WHERE_SHAPE, type Where } from './conditions.js';
import { parseConditions, type GivenWhere } from './parse-conditions.js';

/** Workers that are rather taken: the heavier ones first. */
export interface Preference {
  readonly where: Where;
  /** From 1 to 100. */
  readonly weight: number;
}
export interface GivenPreference {
  where: GivenWhere | string;
  /** From 1 to 100. Default 50. */
  weight?: number | undefined;
}

const MOST_PREFERENCES = 8;
export const PREFER_SHAPE: Shape = {
  kind: 'list',
  of: { kind: 'fields', fields: { where: WHERE_SHAPE, weight: { kind: 'whole', min: 1, max: 100 } } },
  most: MOST_PREFERENCES,
};

/** One, or a list. As text `disk=ssd:50`, several separated by `;`. Throws `InvalidArgumentError`. */
export function parsePrefer(argument: string, given: unknown): readonly Preference[] | null {
  const list: readonly unknown[] =
    typeof given === 'string' ? given.split(';').map(preferenceOfText) : Array.isArray(given) ? given : [given];
  if (list.length > MOST_PREFERENCES)
    throw new InvalidArgumentError(argument, `${list.length} preferences`, `${MOST_PREFERENCES} at most`);
  const preferences = Array.from(list, (each, at) =>
    toPreference(list.length === 1 ? argument : `${argument}[${at}]`, each),
  );
  return preferences.length === 0 ? null : Object.freeze(preferences);
}

/** `disk=ssd:50`: the weight stands behind the last colon. */
function preferenceOfText(text: string): unknown {
  const [, where, weight] = /^(.*):(\d+)$/.exec(text.trim()) ?? [];
  return where === undefined ? { where: text.trim() } : { where, weight: Number(weight) };
}

function toPreference(argument: string, given: unknown): Preference {
  checkOptions(given, ['where', 'weight'], argument);
  const { where: conditions, weight = 50 }: Partial<Record<keyof GivenPreference, unknown>> = given;
  const where = parseConditions(`${argument}.where`, conditions);
  if (where === null) throw new InvalidArgumentError(`${argument}.where`, conditions, 'at least one condition');
  if (typeof weight === 'number' && Number.isInteger(weight) && weight >= 1 && weight <= 100) return { where, weight };
  throw new InvalidArgumentError(`${argument}.weight`, weight, 'a whole number from 1 to 100');
}
