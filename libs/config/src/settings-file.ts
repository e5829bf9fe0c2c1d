import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { binaryKind } from '@drover/runtime';
import { ConfigError } from './errors.js';

/** `source` is how the user named the file. Throws `ConfigError`; the content is never part of the message. */
export function readSettingsFile(path: string, source: string): string {
  const refuse = (why: string): ConfigError =>
    new ConfigError([source === path ? `${path}: ${why}` : `${source}: cannot read ${path}: ${why}`]);
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (cause) {
    throw refuse((cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(cause));
  }
  const kind = binaryKind(content);
  if (kind !== null) throw refuse(`expected UTF-8 text, got ${kind}`);
  if (!isUtf8(content)) throw refuse('expected UTF-8 text');
  // Some editors begin a file with a byte order mark.
  return content.toString('utf8').replace(/^\uFEFF/, '');
}
