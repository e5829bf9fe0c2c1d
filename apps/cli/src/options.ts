import { apiClientFields, clientFields, connectionFields, envName, processFields, type Field } from '@drover/config';
import { toFlag } from '@drover/core';
import type { Options } from 'yargs';
import { CONNECTION, GENERAL, JSON_TEXT } from './option-groups.js';

/** Command line options from a table of settings, so that `--help` always fits the options that are read. */
export function optionsOf(fields: Readonly<Record<string, Field>>, group: string): Record<string, Options> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [toFlag(name), toOption(name, field, group)]),
  );
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

/** All of them, for `drover help connection`. */
export const CONNECTION_OPTIONS: Record<string, Options> = {
  ...optionsOf(connectionFields, CONNECTION),
  ...optionsOf(apiClientFields, CONNECTION),
  context: {
    type: 'string',
    requiresArg: true,
    group: CONNECTION,
    describe: "Context of the file that 'drover context' keeps [DROVER_CONTEXT]",
  },
};

/** The connection options that help shows; the others work as well. */
function collapsed(options: Record<string, Options>, shown: readonly string[]): Record<string, Options> {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      shown.includes(name) ? option : { ...option, hidden: true },
    ]),
  );
}

/** The options of every process that uses ZooKeeper. */
export const COMMON_OPTIONS: Record<string, Options> = {
  ...optionsOf(processFields, GENERAL),
  config: { type: 'string', requiresArg: true, group: GENERAL, describe: 'JSON file of settings [DROVER_CONFIG]' },
  json: { type: 'boolean', group: GENERAL, describe: JSON_TEXT },
  ...collapsed(optionsOf(connectionFields, CONNECTION), ['zk']),
};

/** The same for short commands: their defaults log less, and they may ask the API. */
export const CLIENT_OPTIONS: Record<string, Options> = {
  ...COMMON_OPTIONS,
  ...optionsOf(without(clientFields, { ...connectionFields, ...apiClientFields }), GENERAL),
  jsonl: { type: 'boolean', group: GENERAL, describe: 'Print JSON, one document a line' },
  fields: { type: 'string', requiresArg: true, group: GENERAL, describe: 'Print JSON with these fields only: a,b.c' },
  quiet: { type: 'boolean', group: GENERAL, describe: 'Print ids only' },
  ...collapsed(CONNECTION_OPTIONS, ['zk', 'api', 'context']),
};

/** The settings of `fields` that `others` lacks. */
export function without(
  fields: Readonly<Record<string, Field>>,
  others: Readonly<Record<string, Field>>,
): Record<string, Field> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !(name in others)));
}
