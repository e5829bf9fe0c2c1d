import { nearest } from '@drover/core';

export interface Vocabulary {
  argv: readonly string[];
  /** The commands, with their positionals. */
  signatures: readonly string[];
  /** The options, without dashes. */
  options: readonly string[];
}

/** The faults that yargs found, in Drover's words, with the name that the user may have meant. Pure. */
export function explainUsage(message: string, vocabulary: Vocabulary): string {
  return `${explain(message, vocabulary)}\n${hint(vocabulary)}`;
}

function explain(message: string, vocabulary: Vocabulary): string {
  const unknown = /^Unknown (?:arguments?|commands?): (.*)$/s.exec(message)?.[1];
  // yargs tells an unknown option twice, as given and in camel case.
  if (unknown !== undefined) return explainAll(new Set(unknown.split(', ').map(kebab)), vocabulary);
  const valueOf = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (valueOf !== undefined) return `--${valueOf} needs a value`;
  if (message.startsWith('Not enough non-option arguments')) return `missing argument: ${missingIn(vocabulary)}`;
  const missing = /^Missing required arguments?: (.*)$/.exec(message)?.[1];
  if (missing !== undefined)
    return `missing ${missing
      .split(', ')
      .map((name) => `--${name}`)
      .join(' and ')}`;
  if (message.startsWith('Invalid values:')) return explainChoices(message);
  // An option that is unknown is why no command was found behind it.
  const option = message.startsWith('missing command') ? firstUnknownOption(vocabulary) : undefined;
  return option === undefined ? message : explainUnknown(option, vocabulary);
}

function explainAll(names: ReadonlySet<string>, vocabulary: Vocabulary): string {
  return [...names].map((name) => explainUnknown(name, vocabulary)).join('\n');
}

function explainUnknown(name: string, vocabulary: Vocabulary): string {
  const { argv, options } = vocabulary;
  const option = argv.find((arg) => arg.startsWith('-') && optionName(arg) === name);
  if (option !== undefined)
    return `unknown option ${option.replace(/=.*$/s, '')}${meant(nearest(name, options), '--')}`;
  const argument = argv.find((arg) => kebab(arg) === name) ?? name;
  const isPayload = commandIn(vocabulary) === 'submit' && /^[[{"]/.test(argument);
  return `unexpected argument '${argument}'${isPayload ? '; did you mean --payload?' : ''}`;
}

/**
 * The first argument where it is no command, or the second where the first is a word of several commands (`flow`), as it was
 * typed. `null`: there is none, or it is a command. Pure.
 */
export function unknownCommand(argv: readonly string[], signatures: readonly string[]): string | null {
  const [first = '', second = ''] = argv.filter((arg) => !GLOBAL_FLAGS.has(arg));
  const commands = signatures.map(nameIn);
  if (first === '' || first.startsWith('-')) return null;
  if (!commands.includes(first)) return `unknown command '${first}'${didYouMean(first, commands)}\nsee 'drover --help'`;
  const inner = commands.filter((name) => name.startsWith(`${first} `)).map((name) => name.slice(first.length + 1));
  if (inner.length === 0 || second === '' || second.startsWith('-') || inner.includes(second)) return null;
  const hint = didYouMean(second, inner) || `; expected one of ${inner.join(', ')}`;
  return `unknown command '${first} ${second}'${hint}\nsee 'drover ${first} --help'`;
}

function didYouMean(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return near === null ? '' : `; did you mean '${near}'?`;
}

/** May stand in front of the command. */
const GLOBAL_FLAGS = new Set(['--json', '--debug']);

/** `Argument: state, Given: "bad", Choices: "a", "b"`. */
function explainChoices(message: string): string {
  const [, option, given, choices] = /Argument: (.*?), Given: (.*?), Choices: (.*)$/m.exec(message) ?? [];
  if (option === undefined || given === undefined || choices === undefined) return message;
  return `--${option}: expected one of ${choices.replaceAll('"', '')}, got ${given}`;
}

function hint(vocabulary: Vocabulary): string {
  const command = commandIn(vocabulary);
  return `see 'drover ${command === undefined ? '' : `${command} `}--help'`;
}

/** `<task-id>` of `get <task-id>`. */
function missingIn(vocabulary: Vocabulary): string {
  const command = commandIn(vocabulary);
  const signature = vocabulary.signatures.find((text) => nameIn(text) === command) ?? '<command>';
  return (signature.match(/<[^>]+>/g) ?? [signature]).join(' ');
}

/** `get` of `get <task-id>`, `schedule get` of `schedule get <name>`. */
const nameIn = (signature: string): string => signature.replace(/ [<[].*$/, '');
const commandsOf = ({ signatures }: Vocabulary): string[] => signatures.map(nameIn);

function commandIn(vocabulary: Vocabulary): string | undefined {
  const commands = commandsOf(vocabulary);
  for (const [at, arg] of vocabulary.argv.entries()) {
    const both = `${arg} ${vocabulary.argv[at + 1] ?? ''}`;
    if (commands.includes(both)) return both;
    if (commands.includes(arg)) return arg;
  }
  return undefined;
}

function firstUnknownOption({ argv, options }: Vocabulary): string | undefined {
  return argv
    .filter((arg) => arg.startsWith('--') && arg.length > 2)
    .map(optionName)
    .find((name) => !options.includes(name));
}

const optionName = (arg: string): string => kebab(arg.replace(/^-+/, '').replace(/=.*$/s, ''));
const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const meant = (name: string | null, dashes: string): string =>
  name === null ? '' : `; did you mean ${dashes}${name}?`;
