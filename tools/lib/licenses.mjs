import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from './run.mjs';

/** The licence of every package of others that is in a bundle; `inputs` are the files that it was made of. */
export function licensesOf(inputs) {
  const packages = new Set(inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean));
  const texts = [...packages].sort().map((path) => {
    const at = join(workspaceRoot, path);
    const { name, version, license } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
    const file = readdirSync(at).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${version}: ${license}\n\n${file === undefined ? '' : readFileSync(join(at, file), 'utf8').trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}
