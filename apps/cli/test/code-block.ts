import { readFile } from 'node:fs/promises';

/** The code block of a document whose first line is `// <name>`, or `# <name>` in a script. */
export async function codeBlock(document: string, name: string): Promise<string> {
  const blocks = (await readFile(document, 'utf8')).matchAll(/^```(?:js|sh)\n(.*?)^```$/gms);
  const found = [...blocks]
    .map(([, code]) => code ?? '')
    .find((code) => /^(?:\/\/|#) (\S+)\n/.exec(code)?.[1] === name);
  if (found === undefined) throw new Error(`${document} has no ${name}`);
  return found;
}
