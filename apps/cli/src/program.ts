import yargs, { type Argv } from 'yargs';
import type { Command } from './command.js';
import { COMMANDS, isGroup, signaturesOf, type CommandEntry, type CommandGroup } from './commands.js';
import { UsageError } from './failure.js';
import { CONNECTION, GENERAL, JSON_TEXT, OWN } from './option-groups.js';
import { hideNegatedTerms, revealNegatedTerms } from './negated-terms.js';
import type { Output } from './terminal/output.js';
import { explainUsage, unknownCommand } from './usage.js';

const MAX_HELP_COLUMNS = 120;

export interface ParsedCommandLine {
  command: Command;
  args: Readonly<Record<string, unknown>>;
}

/**
 * The command and its arguments. `null`: help or version was asked for, and written. Throws `UsageError`
 * that names the fault.
 */
export async function parseCommandLine(given: readonly string[], stdout: Output): Promise<ParsedCommandLine | null> {
  const argv = withoutHelpCommand(given);
  if (argv[0] === CONNECTION_TOPIC) return describeConnection(stdout);
  const unknown = unknownCommand(argv, COMMANDS.flatMap(signaturesOf));
  if (unknown !== null) throw new UsageError(unknown);
  let parsed: ParsedCommandLine | null = null;
  let written = '';
  // The known words, for suggestions; it grows when the command is known.
  const known = new Set(['help', 'version', 'json', 'debug']);
  const parser = createParser(stdout);
  const add = (parent: Argv, entry: CommandEntry, words: string): void => {
    let loaded: Command | null = null;
    parent.command({
      command: entry.signature,
      describe: entry.describe,
      builder: async (command: Argv) => {
        loaded = (await entry.load()).command;
        for (const name of Object.keys(loaded.options)) known.add(name);
        known.delete('version');
        return describeCommand(command, { ...entry, signature: `${words}${entry.signature}` }, loaded);
      },
      handler: (args) => {
        if (loaded !== null) parsed = { command: loaded, args: lastOfEach(args, loaded) };
      },
    });
  };
  for (const entry of COMMANDS) {
    if (isGroup(entry)) addGroup(parser, entry, add);
    else add(parser, entry, '');
  }
  try {
    await parser.parseAsync(hideNegatedTerms(argv), {}, (_error, _args, output) => {
      written = output;
    });
  } catch (error) {
    throw asUsageError(error, argv, known);
  }
  if (written !== '') await stdout.line(written);
  await stdout.flush();
  return parsed;
}

function addGroup(
  parser: Argv,
  group: CommandGroup,
  add: (parent: Argv, entry: CommandEntry, words: string) => void,
): void {
  const [word = ''] = group.signature.split(' ');
  parser.command({
    command: word,
    describe: group.describe,
    builder: (command: Argv) => {
      command.usage(`drover ${group.signature}\n\n${group.describe}.`).epilogue('').version(false);
      for (const entry of group.commands) add(command, entry, `${word} `);
      return command.demandCommand(1, 1, 'missing command', 'expected one command');
    },
    handler: () => undefined,
  });
}

/** `drover help submit` is `drover submit --help`. */
function withoutHelpCommand(argv: readonly string[]): readonly string[] {
  const [first, topic, ...rest] = argv;
  if (first !== 'help') return argv;
  if (topic === 'connection') return [CONNECTION_TOPIC];
  return topic === undefined ? ['--help'] : [topic, ...rest, '--help'];
}

/** No command can have this name. */
const CONNECTION_TOPIC = '<connection>';

/** The options that the help of single commands leaves out. */
async function describeConnection(stdout: Output): Promise<null> {
  // Other help does not need the settings.
  const { CONNECTION_OPTIONS } = await import('./options.js');
  const parser = yargs([]).scriptName('drover').locale('en').version(false).help(false);
  parser.usage('Options of every command that connects to ZooKeeper.').options(CONNECTION_OPTIONS);
  await stdout.line(await parser.wrap(Math.min(stdout.columns, MAX_HELP_COLUMNS)).getHelp());
  await stdout.flush();
  return null;
}

/**
 * The last value of an option that was given more than once counts, unless the option is a list. The setting
 * `duplicate-arguments-array` of yargs cannot do this: it would keep only the last of variadic positionals too.
 */
function lastOfEach(
  args: Readonly<Record<string, unknown>>,
  { positionals = {}, options }: Command,
): Record<string, unknown> {
  const lists = [
    ...Object.entries(positionals).filter(([, { array }]) => array === true),
    ...Object.entries(options).filter(([, { type }]) => type === 'array'),
  ].map(([name]) => camelCased(name));
  const isList = (name: string): boolean => name === '_' || lists.includes(camelCased(name));
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      revealNegatedTerms(Array.isArray(value) && !isList(name) ? value.at(-1) : value),
    ]),
  );
}

const camelCased = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

function createParser(stdout: Output): Argv {
  return (
    yargs()
      .scriptName('drover')
      .locale('en')
      .usage('drover <command>\n\nA distributed task scheduler on Apache ZooKeeper.')
      // All values stay text: the schema of the settings reads them, and an id of digits is an id.
      .parserConfiguration({
        'parse-numbers': false,
        'parse-positional-numbers': false,
        'dot-notation': false,
        'greedy-arrays': false,
      })
      .option('json', { type: 'boolean', group: GENERAL, describe: JSON_TEXT })
      .option('debug', { type: 'boolean', group: GENERAL, describe: 'Show stack traces of errors' })
      .demandCommand(1, 1, 'missing command', 'expected one command')
      .strict()
      .strictCommands()
      .exitProcess(false)
      .showHelpOnFail(false)
      .fail((message: string, error: Error | undefined) => {
        throw error !== undefined && error.name !== 'YError' ? error : new Complaint(message);
      })
      .help()
      .alias('h', 'help')
      .group('help', GENERAL)
      // The program has a version, and commands have none.
      .version(false)
      .option('version', { type: 'boolean', group: GENERAL, describe: 'Show the version', global: false })
      .epilogue(
        "Options and examples of a command: 'drover help <command>'.\n" +
          'ZooKeeper: --zk host:port[,host:port...][/chroot] or DROVER_ZK.\n' +
          'Exit codes: 0 success, 1 the task or operation failed, 2 wrong usage, 3 ZooKeeper cannot be reached, ' +
          'or no Drover is there.',
      )
      .wrap(Math.min(stdout.columns, MAX_HELP_COLUMNS))
  );
}

function describeCommand(parser: Argv, entry: CommandEntry, command: Command): Argv {
  const details = command.details === undefined ? '' : `\n\n${asParagraphs(command.details)}`;
  parser.usage(`drover ${entry.signature}\n\n${entry.describe}.${details}`);
  parser.epilogue('zk-driver' in command.options ? MORE_CONNECTION : '').version(false);
  for (const [name, positional] of Object.entries(command.positionals ?? {})) parser.positional(name, positional);
  parser.options(ordered(command.options)).group('help', GENERAL);
  for (const [commandLine, meaning] of command.examples) parser.example(commandLine, meaning);
  return parser;
}

const MORE_CONNECTION = "More connection options (TLS, credentials, timeouts): 'drover help connection'.";

/** The options of the command first, those of the connection last. */
function ordered(options: Command['options']): Command['options'] {
  const entries = Object.entries(options).map(([name, option]) => [name, { group: OWN, ...option }] as const);
  const rank = (group: string | undefined): number => (group === CONNECTION ? 2 : group === GENERAL ? 1 : 0);
  return Object.fromEntries(entries.sort(([, a], [, b]) => rank(a.group) - rank(b.group)));
}

/** Removes the single line breaks of the source: the terminal's width decides where lines break. */
const asParagraphs = (text: string): string => text.replace(/(?<!\n)\n(?!\n)/g, ' ');

/** The message of yargs about a command line that it does not understand. */
class Complaint extends Error {}

function asUsageError(error: unknown, argv: readonly string[], known: ReadonlySet<string>): unknown {
  if (!(error instanceof Complaint || (error instanceof Error && error.name === 'YError'))) return error;
  const signatures = COMMANDS.flatMap(signaturesOf);
  return new UsageError(explainUsage(error.message, { argv, signatures, options: [...known] }), { cause: error });
}
