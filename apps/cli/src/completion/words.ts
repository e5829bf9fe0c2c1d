import type { Options } from 'yargs';
import { COMMANDS, isGroup, type CommandEntry } from '../commands.js';
import {
  CONTEXT_OPTION_WORDS,
  NAME_KINDS,
  type CommandWords,
  type NameKind,
  type OptionWords,
  type Words,
} from './complete.js';

/** The words of all commands, from their modules: slow, so it is done when the command is bundled. */
export async function completionWords(): Promise<Words> {
  const all: Promise<CommandWords>[] = [];
  for (const entry of COMMANDS) {
    const [word = ''] = entry.signature.split(' ');
    if (isGroup(entry)) for (const each of entry.commands) all.push(wordsOf([word], each));
    else all.push(wordsOf([], entry));
  }
  return { commands: await Promise.all(all) };
}

async function wordsOf(before: readonly string[], entry: CommandEntry): Promise<CommandWords> {
  const { signature, describe } = entry;
  const [word = '', ...positionals] = signature.split(' ');
  const { command } = await entry.load();
  const words = [...before, word];
  const options = Object.entries(command.options).filter(([, { hidden }]) => hidden !== true);
  const choices = Object.values(command.positionals ?? {}).flatMap((positional) =>
    (positional.choices ?? []).map(String),
  );
  return {
    words,
    describe,
    options: Object.fromEntries(options.map(([name, option]) => [name, optionWords(name, option)])),
    ...positionalWords(words, positionals, choices),
  };
}

function optionWords(name: string, option: Options): OptionWords {
  const { type, choices } = option;
  if (type === 'boolean') return {};
  const kind = CONTEXT_OPTION_WORDS[name];
  const values = (choices ?? []).map(String);
  return { takes: true, ...(kind === undefined ? {} : { kind }), ...(values.length === 0 ? {} : { values }) };
}

/** The words behind the command: names of a kind, or some words. */
function positionalWords(
  words: readonly string[],
  positionals: readonly string[],
  choices: readonly string[],
): Pick<CommandWords, 'kind' | 'values'> {
  if (choices.length > 0) return { values: choices };
  const [group = '', action] = words;
  const [first = ''] = positionals.map((text) => text.replace(/[<>[\].]/g, ''));
  const named: Readonly<Record<string, NameKind>> = {
    queue: 'queues',
    worker: 'workers',
    type: 'types',
    scheduler: 'schedulers',
    limit: 'limits',
  };
  if (first === 'name' && action !== undefined && action !== 'set') return ofKind(`${group}s`);
  if (first === 'name' && words.length === 1) return ofKind(`${group}s`);
  if (first === 'name') return SET_AGAIN.has(group) ? ofKind(`${group}s`) : {};
  return first in named ? { kind: named[first] as NameKind } : {};
}

/** Groups whose `set` changes what there is, as often as it makes something. */
const SET_AGAIN: ReadonlySet<string> = new Set(['context', 'limit', 'schedule', 'account', 'pool', 'resource']);

const ofKind = (kind: string): { kind?: NameKind } =>
  (NAME_KINDS as readonly string[]).includes(kind) ? { kind: kind as NameKind } : {};
