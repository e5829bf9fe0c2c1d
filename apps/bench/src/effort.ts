/**
 * How much a run takes on. `check`: each part once, to see that every result is right (what the tests run). `quick`: a
 * first look. `default`: everything in the tables at full size. `full`: that, oftener, and every point of the curves.
 */
export type Form = 'check' | 'quick' | 'default' | 'full';

export interface Effort {
  form: Form;
  /** A tenth of the sizes that the tables name. */
  quick: boolean;
  /** Bulk runs of each system and of each point of a curve. */
  repeats: number;
  /** Single tasks in each run, and before the first. */
  singles: number;
  warmUpSingles: number;
  /** How often a scenario is run, from its first process to its last. */
  scenarioRuns: number;
  /** Every point of a curve, or only some. */
  allPoints: boolean;
}

export const EFFORTS: Readonly<Record<Form, Effort>> = {
  check: { form: 'check', quick: true, repeats: 1, singles: 2, warmUpSingles: 1, scenarioRuns: 1, allPoints: false },
  quick: {
    form: 'quick',
    quick: true,
    repeats: 3,
    singles: 100,
    warmUpSingles: 500,
    scenarioRuns: 3,
    allPoints: false,
  },
  default: {
    form: 'default',
    quick: false,
    repeats: 3,
    singles: 300,
    warmUpSingles: 500,
    scenarioRuns: 3,
    allPoints: false,
  },
  full: { form: 'full', quick: false, repeats: 5, singles: 300, warmUpSingles: 500, scenarioRuns: 3, allPoints: true },
};

/** Names of the forms for help and the page. */
export const FORM_TEXT: Readonly<Record<Form, string>> = {
  check: 'each part once, small: for correctness only',
  quick: 'a tenth of the sizes, some minutes: a first look, with wide spreads',
  default: 'everything in the tables at full size, three runs each, some points of the curves; about half an hour',
  full: 'the same with five runs of each system and every point of the curves; about 40 minutes',
};

/** A size (tasks, workers, seconds) of each form. */
export interface Sizes {
  /** Default: a fiftieth of `quick`. */
  check?: number;
  quick: number;
  full: number;
}

export function sizeFor({ form, quick }: Effort, sizes: Sizes): number {
  if (form === 'check') return sizes.check ?? sizes.quick / 50;
  return quick ? sizes.quick : sizes.full;
}

export function formOf({ quick, full }: { quick: boolean; full: boolean }): Form {
  if (quick && full) throw new RangeError('--quick and --full exclude each other: give one, or none');
  return quick ? 'quick' : full ? 'full' : 'default';
}
