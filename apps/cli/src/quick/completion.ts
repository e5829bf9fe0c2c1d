import { existsSync, readFileSync } from 'node:fs';
import { complete, type Words } from '../completion/complete.js';
import { SCRIPTS, type Shell } from '../completion/scripts.js';

/** Written when the command is bundled. */
const WORDS = new URL('../../bundle/words.json', import.meta.url);

/**
 * `completion bash`, and `completion --line CURRENT WORD...`, which the scripts call: one completion a line. `null`: another
 * command line.
 */
export async function quickCompletion(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const [first = '', current = '', ...before] = args;
  if (args.length === 1 && Object.hasOwn(SCRIPTS, first)) {
    process.stdout.write(SCRIPTS[first as Shell]);
    return 0;
  }
  if (first !== '--line') return null;
  const lines = await completions(before, current, env);
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

export async function completions(
  before: readonly string[],
  current: string,
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  const { words, kind } = complete(await loadWords(), before, current);
  if (kind === undefined) return [...words];
  const { namesOf } = await import('../completion/names.js');
  // Of `queue:ima` and `--queue=ima` the part before the name stays.
  const prefix = /^(?:--[\w-]+=|-?\w+:(?:.*,)?)/.exec(current)?.[0] ?? '';
  const names = await namesOf(kind, [...before, current], env);
  return [...words, ...names.map((name) => prefix + name).filter((name) => name.startsWith(current))];
}

async function loadWords(): Promise<Words> {
  if (existsSync(WORDS)) return JSON.parse(readFileSync(WORDS, 'utf8')) as Words;
  return (await import('../completion/words.js')).completionWords();
}
