import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

const fixture = (name: string): URL => new URL(`../../../test/system/releases/${name}`, import.meta.url);

/** Unpacks what `tools/pack-release.mjs` has packed; answers the path of the program. */
export async function unpackRelease(commit: string, folder: string): Promise<string> {
  const packed = await promisify(brotliDecompress)(await readFile(fixture(`${commit}.json.br`)));
  const { files } = JSON.parse(packed.toString()) as { files: Record<string, string> };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  return path.join(folder, 'dist/src/main.js');
}

/** A tree of znodes that `tools/capture-layout.mjs` has captured. */
export interface Layout {
  /** Every task and its state at that moment. */
  tasks: Record<string, string>;
  /** A task that a client has asked to cancel, without an answer yet. */
  asked: { cancelled: string };
  /** `data`: base64. Parents first. */
  znodes: { path: string; data: string; ephemeral?: true }[];
}

export async function readLayout(commit: string): Promise<Layout> {
  return JSON.parse(await readFile(fixture(`${commit}-layout.json`), 'utf8')) as Layout;
}
