import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { COMMANDS, isGroup, type CommandEntry } from './commands.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
/** Of every command. */
const GLOBAL = ['help', 'version', 'json', 'debug'];

test('every command that a document shows exists, with its options', async (t) => {
  const shown = documents().flatMap((path) =>
    scriptsOf(readFileSync(ROOT + path, 'utf8')).flatMap((script) =>
      commandsIn(script).map((line) => ({ where: path, line })),
    ),
  );
  t.true(shown.length > 100);
  t.deepEqual(await unknownIn(shown), []);
});

test('so does every command that the help of a command shows', async (t) => {
  const loaded = await Promise.all(ENTRIES.map(async ({ entry }) => (await entry.load()).command));
  const shown = loaded.flatMap(({ examples }) =>
    examples.flatMap(([script]) => commandsIn(script).map((line) => ({ where: '--help', line }))),
  );
  t.true(shown.length > 50);
  t.deepEqual(await unknownIn(shown), []);
});

/** Each command with its words: `schedule set`. */
const ENTRIES = COMMANDS.flatMap((entry): { words: string; entry: CommandEntry }[] => {
  const words = nameIn(entry.signature);
  if (!isGroup(entry)) return [{ words, entry }];
  return entry.commands.map((inner) => ({ words: `${words} ${nameIn(inner.signature)}`, entry: inner }));
});

function nameIn(signature: string): string {
  return signature.replace(/ .*/, '');
}

function documents(): string[] {
  const libraries = readdirSync(`${ROOT}libs`).map((name) => `libs/${name}/README.md`);
  const pages = readdirSync(`${ROOT}docs`).filter((name) => name.endsWith('.md'));
  return ['README.md', 'apps/cli/README.md', ...libraries, ...pages.map((name) => `docs/${name}`)];
}

/** Blocks of shell, and commands within a sentence or a table: those that take an argument. */
const scriptsOf = (text: string): string[] =>
  [...text.matchAll(/^```sh\n(.*?)^```$|`(drover [a-z]+ [^`\n]+)`/gms)].map(
    ([, block, inline]) => block ?? inline ?? '',
  );

/** The words behind each `drover` of a script, up to the end of its line or the next program; texts in quotes as `''`. */
function commandsIn(script: string): string[] {
  const lines = script
    .replaceAll(/\\\n/g, ' ')
    .replaceAll(/'[^'\n]*'|"[^"\n]*"/g, "''")
    .split('\n');
  return lines.flatMap((line) =>
    [...line.replace(/(^|\s)#.*/, '').matchAll(/(?:^|[|;(]) *(?:[A-Z_]+=\S+ )*(?:npx )?drover ([^|;()&]+)/g)].map(
      ([, command = '']) => command.trim(),
    ),
  );
}

async function unknownIn(shown: readonly { where: string; line: string }[]): Promise<string[]> {
  const faults = await Promise.all(
    shown.map(async ({ where, line }) => {
      const unknown = await unknownOf(line);
      return unknown === null ? [] : [`${where}: drover ${line}: unknown ${unknown}`];
    }),
  );
  return faults.flat();
}

async function unknownOf(line: string): Promise<string | null> {
  if (/^(--|help\b)/.test(line)) return null;
  const found = ENTRIES.find(({ words }) => `${line} `.startsWith(`${words} `));
  if (found === undefined) return 'command';
  const { options } = (await found.entry.load()).command;
  const known = [...GLOBAL, ...Object.keys(options)];
  const given = [...line.matchAll(/ --([a-z][\w-]*)/g)].map(([, name = '']) => name);
  const unknown = given.find((name) => !known.includes(name) && !known.includes(name.replace(/^no-/, '')));
  return unknown === undefined ? null : `--${unknown}`;
}
