/** Kinds of names that are asked for when somebody completes them. */
export const NAME_KINDS = [
  ...(['queues', 'workers', 'types', 'schedulers', 'schedules', 'limits'] as const),
  ...(['accounts', 'pools', 'resources', 'contexts'] as const),
];
export type NameKind = (typeof NAME_KINDS)[number];

/** Options whose values are names of a kind. */
export const CONTEXT_OPTION_WORDS: Readonly<Record<string, NameKind>> = {
  queue: 'queues',
  'to-queue': 'queues',
  type: 'types',
  worker: 'workers',
  limit: 'limits',
  account: 'accounts',
  pool: 'pools',
  dedicated: 'accounts',
  context: 'contexts',
};

export interface OptionWords {
  /** It takes a value. */
  takes?: true;
  kind?: NameKind;
  values?: readonly string[];
}
export interface CommandWords {
  /** `['schedule', 'set']`. */
  words: readonly string[];
  describe: string;
  /** By name, without dashes. */
  options: Readonly<Record<string, OptionWords>>;
  /** Of the words behind it. */
  kind?: NameKind;
  values?: readonly string[];
}
export interface Words {
  commands: readonly CommandWords[];
}

/** Words, or names of a kind, that may stand at the cursor. */
export interface Completion {
  words: readonly string[];
  kind?: NameKind;
}

/** Terms of filters that have names, as in `queue:images`. */
const TERMS: Readonly<Record<string, NameKind>> = { queue: 'queues', type: 'types', worker: 'workers' };

/**
 * `before`: the words of the command line before the one with the cursor, without `drover`; `current`: that word, as far as
 * it is written. Pure.
 */
export function complete({ commands }: Words, before: readonly string[], current: string): Completion {
  const command = commandIn(commands, before);
  if (command === null) return { words: matching(nextWords(commands, before), current) };
  const inWord = /^--([\w-]+)=(.*)$/.exec(current);
  if (inWord !== null) {
    const [, name = '', value = ''] = inWord;
    const { words, kind } = valuesOf(command.options[name], value);
    return { words: words.map((word) => `--${name}=${word}`), ...(kind === undefined ? {} : { kind }) };
  }
  const previous = /^--([\w-]+)$/.exec(before.at(-1) ?? '')?.[1];
  if (previous !== undefined && command.options[previous]?.takes === true)
    return valuesOf(command.options[previous], current);
  if (current.startsWith('-'))
    return {
      words: matching(
        Object.keys(command.options).map((name) => `--${name}`),
        current,
      ),
    };
  const term = /^-?(\w+):/.exec(current)?.[1];
  if (term !== undefined && Object.hasOwn(TERMS, term)) return { words: [], kind: TERMS[term] as NameKind };
  return {
    words: matching(command.values ?? [], current),
    ...(command.kind === undefined ? {} : { kind: command.kind }),
  };
}

function valuesOf(option: OptionWords | undefined, current: string): Completion {
  return {
    words: matching(option?.values ?? [], current),
    ...(option?.kind === undefined ? {} : { kind: option.kind }),
  };
}

/** The longest command that the words begin with. */
function commandIn(commands: readonly CommandWords[], before: readonly string[]): CommandWords | null {
  const given = before.filter((word) => !word.startsWith('-'));
  const found = commands.filter(({ words }) => words.every((word, i) => given[i] === word));
  return found.sort((a, b) => b.words.length - a.words.length)[0] ?? null;
}

function nextWords(commands: readonly CommandWords[], before: readonly string[]): string[] {
  const given = before.filter((word) => !word.startsWith('-'));
  const possible = commands.filter(({ words }) => given.every((word, i) => words[i] === word));
  const next = possible.map(({ words }) => words[given.length] ?? '');
  return [...new Set([...next, ...(given.length === 0 ? ['help', '--help', '--version'] : ['--help'])])];
}

const matching = (words: readonly string[], current: string): string[] =>
  words.filter((word) => word !== '' && word.startsWith(current));
