import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { bundleDashboard, firstView, isDashboardCurrent, PAGES } from './lib/bundle-dashboard.mjs';

/** Bytes, compressed with gzip. */
const MOST_SCRIPT = 45_000;
const MOST_STYLE = 8_000;

test.before('the pages are there', async () => {
  if (!isDashboardCurrent()) await bundleDashboard();
});

const compressed = (names) =>
  names.reduce((sum, name) => sum + gzipSync(readFileSync(join(PAGES, 'assets', name)), { level: 9 }).length, 0);

test('the first view is small', (t) => {
  const { scripts, styles } = firstView();
  const script = compressed(scripts);
  const style = compressed(styles);
  t.log(`script ${script} bytes in ${scripts.length} files, style ${style} bytes, compressed with gzip`);
  t.true(scripts.length > 0 && styles.length === 1);
  t.true(script <= MOST_SCRIPT, `the scripts of the first view have ${script} bytes; ${MOST_SCRIPT} are allowed`);
  t.true(style <= MOST_STYLE, `the style sheet has ${style} bytes; ${MOST_STYLE} are allowed`);
});

test('every file is there compressed, too', (t) => {
  const files = readdirSync(join(PAGES, 'assets'));
  const plain = files.filter((name) => !/\.(br|gz)$/.test(name));
  t.deepEqual(
    plain.filter((name) => !files.includes(`${name}.br`) || !files.includes(`${name}.gz`)),
    [],
  );
});

test('schemas, and whatever else only the server needs, are not in the pages', (t) => {
  const licenses = readFileSync(join(PAGES, 'LICENSES.txt'), 'utf8');
  t.regex(licenses, /^preact /m);
  t.notRegex(licenses, /^zod /m);
});

test('the page names its base, so that everything else in it is relative', (t) => {
  const html = readFileSync(join(PAGES, 'index.html'), 'utf8');
  t.regex(html, /<base href="\/ui\/" \/>/);
  t.notRegex(html, /(?:src|href)="\/(?!ui\/")/);
  t.notRegex(html, /<script(?![^>]*src=)/, 'the security policy allows no script in the page itself');
});
