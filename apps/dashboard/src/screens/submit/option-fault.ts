import { InvalidArgumentError, TASK_OPTIONS, type TaskOptionName } from '@drover/core';

/** The fault of the text of an option; null: it has none. Pure. */
export function faultOfOption(name: TaskOptionName, text: string): string | null {
  if (text.trim() === '') return null;
  const {
    parse,
    flag,
  }: { parse: (argument: string, given: unknown) => unknown; flag: { fromText?: (text: string) => unknown } } =
    TASK_OPTIONS[name];
  try {
    parse(name, flag.fromText === undefined ? text : flag.fromText(text));
    return null;
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error.message;
    throw error;
  }
}
