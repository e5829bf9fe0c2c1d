import { clientFields, connectionFields, envName, processFields, type Field } from '@drover/config';
import type { Options } from 'yargs';

/** Command line options of a table of settings, so that `--help` and what is read cannot differ. */
export function optionsOf(fields: Readonly<Record<string, Field>>, group: string): Record<string, Options> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [kebab(name), toOption(name, field, group)]));
}

function toOption(name: string, field: Field, group: string): Options {
  return {
    type: field.type,
    group,
    describe: `${field.describe} [${envName(name)}]`,
    ...(field.type === 'string' ? { requiresArg: true } : {}),
    ...(field.default === undefined ? {} : { defaultDescription: field.default }),
  };
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** What every process that talks to ZooKeeper takes. */
export const COMMON_OPTIONS: Record<string, Options> = {
  ...optionsOf(connectionFields, 'Connection:'),
  ...optionsOf(processFields, 'General:'),
  config: { type: 'string', requiresArg: true, group: 'General:', describe: 'JSON file of settings [DROVER_CONFIG]' },
  json: { type: 'boolean', group: 'General:', describe: 'Write JSON: one document, or one a line for lists' },
};

/** The same for commands that ask and go: their defaults are quieter. */
export const CLIENT_OPTIONS: Record<string, Options> = {
  ...COMMON_OPTIONS,
  ...optionsOf(without(clientFields, connectionFields), 'General:'),
};

/** The settings of `fields` that `others` lacks. */
export function without(
  fields: Readonly<Record<string, Field>>,
  others: Readonly<Record<string, Field>>,
): Record<string, Field> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !(name in others)));
}
