import { QUEUE_SETTINGS, TASK_OPTIONS } from '../../libs/core/dist/src/index.js';

const TABLES = {
  'task options': { head: 'option', of: TASK_OPTIONS },
  'queue settings': { head: 'setting', of: QUEUE_SETTINGS },
};

/** `text` with each table between its two marks written anew. */
export function withOptionTables(text) {
  return Object.entries(TABLES).reduce((written, [name, { head, of }]) => {
    const [begin, end] = [`<!-- ${name}: written by tools/option-tables.mjs -->`, `<!-- end of ${name} -->`];
    const [before, rest] = split(written, begin);
    const [, after] = split(rest, end);
    const rows = Object.entries(of).map(([option, { meaning }]) => `| \`${option}\` | ${meaning} |`);
    const table = [`| ${head} | meaning |`, '|---|---|', ...rows].join('\n');
    return `${before}${begin}\n\n${table}\n\n${end}${after}`;
  }, text);
}

function split(text, mark) {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`${mark} is missing`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
