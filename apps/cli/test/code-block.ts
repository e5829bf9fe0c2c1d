import { readFile } from 'node:fs/promises';

/** The code block of a document whose first line is `// <name>`. */
export async function codeBlock(document: string, name: string): Promise<string> {
  const blocks = (await readFile(document, 'utf8')).matchAll(/^```js\n(.*?)^```$/gms);
  const found = [...blocks].map(([, code]) => code ?? '').find((code) => code.startsWith(`// ${name}\n`));
  if (found === undefined) throw new Error(`${document} has no ${name}`);
  return found;
}
