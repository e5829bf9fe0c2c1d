import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { EVENTS } from './index.js';
import { METRICS } from './metrics-table.js';

const root = new URL('../../../../', import.meta.url).pathname;
const TABLES = ['events.ts', 'metrics-table.ts'];

/** Every source of libraries and programs, without tests and tables. */
function sources(): string[] {
  return ['libs', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent)).flatMap((project) => {
      const src = join(root, parent, project, 'src');
      if (!existsSync(src)) return [];
      return readdirSync(src, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !TABLES.includes(path))
        .map((path) => readFileSync(join(src, path), 'utf8'));
    }),
  );
}

test('every metric and every event of the tables is used somewhere', (t) => {
  const all = sources().join('\n');
  const unused = [...Object.keys(METRICS), ...Object.keys(EVENTS)].filter((name) => !all.includes(`'${name}'`));
  // `session.${state}` is how a session logs the changes that it has in common.
  t.deepEqual(
    unused.filter((name) => !['session.suspended', 'session.expired'].includes(name)),
    [],
  );
});
