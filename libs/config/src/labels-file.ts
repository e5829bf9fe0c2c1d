import { NAME_PATTERN } from '@drover/core';
import { ConfigError } from './errors.js';
import { readSettingsFile } from './settings-file.js';

/**
 * Labels, one `NAME=VALUE` a line; empty lines, and lines that begin with `#`, are none. `source` is how the user named the
 * file. Throws `ConfigError`.
 */
export function readLabelsFile(path: string, source: string): Record<string, string> {
  const found = new Map<string, string>();
  readSettingsFile(path, source)
    .split(/\r?\n/)
    .forEach((text, at) => {
      const line = text.trim();
      if (line === '' || line.startsWith('#')) return;
      const equals = line.indexOf('=');
      const name = line.slice(0, Math.max(0, equals)).trim();
      if (!NAME_PATTERN.test(name)) throw refused(path, source, at, 'expected NAME=VALUE');
      if (found.has(name)) throw refused(path, source, at, `the label '${name}' is given twice`);
      found.set(name, line.slice(equals + 1).trim());
    });
  return Object.fromEntries(found);
}

const refused = (path: string, source: string, at: number, why: string): ConfigError =>
  new ConfigError([`${source}: ${path}, line ${at + 1}: ${why}`]);
