import { nearest } from '@drover/core';

export interface Vocabulary {
  argv: readonly string[];
  commands: readonly string[];
  /** Without dashes. */
  options: readonly string[];
}

/** Says in our words what yargs found wrong, with what was perhaps meant. Pure. */
export function explainUsage(message: string, vocabulary: Vocabulary): string {
  const [, list] = /^Unknown (?:arguments?|commands?): (.*)$/s.exec(message) ?? [];
  if (list === undefined) return `${lowerFirst(message)}${hint(vocabulary)}`;
  const names = [...new Set(list.split(', ').map(kebab))];
  return `${names.map((name) => explainUnknown(name, vocabulary)).join('\n')}${hint(vocabulary)}`;
}

function explainUnknown(name: string, { argv, commands, options }: Vocabulary): string {
  const dashes = argv.find((arg) => /^-/.test(arg) && kebab(arg.replace(/^-+/, '').replace(/=.*$/s, '')) === name);
  if (dashes !== undefined) return `unknown option ${dashes.replace(/=.*$/s, '')}${meant(nearest(name, options), '--')}`;
  const isCommand = argv.find((arg) => !arg.startsWith('-')) === name;
  return isCommand
    ? `unknown command '${name}'${meant(nearest(name, commands), '')}`
    : `unexpected argument '${name}'`;
}

const meant = (name: string | null, dashes: string): string =>
  name === null ? '' : `; did you mean ${dashes}${name}?`;

function hint({ argv, commands }: Vocabulary): string {
  const command = argv.find((arg) => commands.includes(arg));
  return `\n'drover ${command === undefined ? '' : `${command} `}--help' tells what there is`;
}

/** yargs tells an unknown option twice, as given and in camel case. */
const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
