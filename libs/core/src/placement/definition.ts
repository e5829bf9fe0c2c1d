/**
 * A kind of definition that people make by name: an account, a pool or a floating resource. A change names what it changes,
 * and the rest stays; leader, client, command line and API draw from these.
 */
export interface DefinitionOf<Spec, Options, View> {
  /** Of one that nobody has defined. */
  readonly standard: Spec;
  /** The fields that `given` names, checked each by itself. `argument` names it in errors. Throws `InvalidArgumentError`. */
  readonly parse: (argument: string, given: Options) => Partial<Spec>;
  /** Whether it may have this name. Throws `InvalidArgumentError`. */
  readonly parseName: (argument: string, given: unknown) => string;
  /** Fields that contradict each other: the field, and a sentence; null: they do not. */
  readonly problem: (spec: Spec) => { readonly field: string; readonly message: string } | null;
  /** In the units that people write; secrets are not in it. */
  readonly view: (spec: Spec) => View;
  /** A line for people. */
  readonly format: (spec: Spec) => string;
}

export const define = <Spec, Options, View>(
  definition: DefinitionOf<Spec, Options, View>,
): DefinitionOf<Spec, Options, View> => Object.freeze(definition);

/** The fields of `given` that are there, each by its parser. */
export function parseFields<Spec>(
  given: object,
  parsers: {
    readonly [Field in keyof Spec]: {
      readonly name?: string;
      readonly parse: (argument: string, value: unknown) => Spec[Field];
    };
  },
  argument: string,
): Partial<Spec> {
  const fields = given as Readonly<Record<string, unknown>>;
  const parsed: Partial<Spec> = {};
  for (const field of Object.keys(parsers) as (keyof Spec & string)[]) {
    const { name = field, parse } = parsers[field];
    const value = fields[name];
    if (value !== undefined) parsed[field] = parse(argument === '' ? name : `${argument}.${name}`, value);
  }
  return parsed;
}
