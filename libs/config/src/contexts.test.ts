import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { chooseContext, checkContext, contextsPath, parseContexts, readContexts } from './contexts.js';
import { ConfigError } from './errors.js';
import { decideVia, effectiveSettings, resolveRoute } from './route.js';
import { resolveClientConfig } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'drover-contexts-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
function fileWith(content: string, mode = 0o600): string {
  const path = join(folder, `file-${files++}`);
  writeFileSync(path, content, { mode });
  chmodSync(path, mode);
  return path;
}
const problemOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'none';
};

const CONTEXTS = {
  current: 'prod',
  contexts: {
    prod: { api: 'https://drover.internal:7373/', confirm: 'type-name', colour: 'red' },
    dev: { zk: '127.0.0.1:2181/drover', sessionTimeout: '3s' },
  },
};

test('each setting comes from the strongest source: flag, environment, file, context, default', (t) => {
  const context = {
    name: 'dev',
    settings: { zk: 'ctx:1', connectTimeout: '1s', sessionTimeout: '7s', logLevel: 'info' },
  };
  const file = fileWith('{"zk":"file:1","connectTimeout":"2s","sessionTimeout":"8s"}');
  const env = { DROVER_ZK: 'env:1', DROVER_CONNECT_TIMEOUT: '3s' };
  const flags = { zk: 'flag:1' };
  const { zookeeper, log } = resolveClientConfig({ flags, env, file, context });
  t.is(zookeeper.connect, 'flag:1/drover');
  t.is(zookeeper.connectTimeoutMs, 3_000);
  t.is(zookeeper.sessionTimeoutMs, 8_000);
  t.is(log.level, 'info');
  t.is(resolveClientConfig({ context }).zookeeper.sessionTimeoutMs, 7_000);
  const sources = effectiveSettings({ flags, env, file, context });
  t.deepEqual(
    ['zk', 'connectTimeout', 'sessionTimeout', 'logLevel', 'zkDriver'].map(
      (name) => sources.find((each) => each.name === name)?.source,
    ),
    ['--zk', 'DROVER_CONNECT_TIMEOUT', `${file}: sessionTimeout`, 'context dev: logLevel', 'default'],
  );
});

test('the stronger address decides the way; --via decides it alone', (t) => {
  t.is(decideVia({ api: null, zk: null, via: null }), 'zk');
  t.is(decideVia({ api: 'context', zk: null, via: null }), 'api');
  t.is(decideVia({ api: 'context', zk: 'context', via: null }), 'api');
  t.is(decideVia({ api: 'context', zk: 'flag', via: null }), 'zk');
  t.is(decideVia({ api: 'flag', zk: 'environment', via: null }), 'api');
  t.is(decideVia({ api: 'flag', zk: 'flag', via: 'zk' }), 'zk');
  t.is(decideVia({ api: null, zk: 'flag', via: 'api' }), 'api');
});

test('a token comes from a file that only its owner reads, or from a command; a slash at the end of the URL goes', async (t) => {
  const tokenFile = fileWith('drv_a_secret\n');
  const route = resolveRoute({ flags: { api: 'http://a:1/base/', tokenFile } });
  t.like(route, { via: 'api', api: 'http://a:1/base' });
  t.is(await route.token(), 'drv_a_secret');
  t.is(await resolveRoute({ flags: { tokenCommand: 'echo drv_b_secret' } }).token(), 'drv_b_secret');
  t.is(await resolveRoute({}).token(), null);
  await t.throwsAsync(async () => resolveRoute({ flags: { tokenFile: fileWith('x', 0o644) } }).token(), {
    message: /--token-file: others may read .*chmod 600/,
  });
  await t.throwsAsync(() => resolveRoute({ flags: { tokenCommand: 'echo no >&2; exit 3' } }).token(), {
    message: /--token-command: the command failed \(no\)/,
  });
  await t.throwsAsync(async () => resolveRoute({ flags: { tokenFile: fileWith('two words') } }).token(), {
    message: /expected a token/,
  });
});

test('an address that is no URL of an API is refused', (t) => {
  for (const api of ['drover:7373', 'ftp://a', 'http://me:secret@a', 'http://a/?token=x', ''])
    t.regex(
      problemOf(() => resolveRoute({ flags: { api } })),
      /--api: expected a URL such as https:/,
      api,
    );
});

test('a contexts file is read; without one there are none', (t) => {
  const path = fileWith(JSON.stringify(CONTEXTS));
  const contexts = readContexts(path);
  t.deepEqual(contexts, CONTEXTS);
  t.deepEqual(readContexts(join(folder, 'none')), { contexts: {} });
  const chosen = chooseContext(contexts, undefined, '--context', path);
  t.like(chosen, {
    name: 'prod',
    confirm: 'type-name',
    colour: 'red',
    settings: { api: 'https://drover.internal:7373/' },
  });
  t.is(chooseContext({ contexts: {} }, undefined, '--context', path), null);
  t.regex(
    problemOf(() => chooseContext(contexts, 'prd', '--context', path)),
    /--context: no context named 'prd'; did you mean 'prod'\?/,
  );
});

test('paths in a context count from its file; ~ is the home', (t) => {
  const context = { contexts: { a: { api: 'http://a', tokenFile: 'a.token' } } };
  t.is(chooseContext(context, 'a', '', '/etc/drover/contexts.json')?.settings.tokenFile, '/etc/drover/a.token');
  const home = chooseContext({ contexts: { a: { tokenFile: '~/a.token' } } }, 'a', '', '/x')?.settings.tokenFile;
  t.regex(String(home), /^\/.*\/a\.token$/);
});

test('a file of contexts that is wrong is refused, with its path and what is wrong', (t) => {
  const cases: [string, RegExp][] = [
    ['nonsense', /^c: not JSON/],
    ['[]', /^c: expected \{"current"/],
    ['{"contexts":{"a":{"api":"http://a","token":"drv_x"}}}', /^c: context 'a': 'token' looks like a secret/],
    ['{"contexts":{"a":{"password":"x"}}}', /looks like a secret/],
    ['{"contexts":{"a":{"zkk":"x"}}}', /unknown setting 'zkk'; did you mean 'zk'\?/],
    ['{"contexts":{"a":{"zk":"nonsense"}}}', /context 'a': zk: expected host:port/],
    ['{"contexts":{"a":{"confirm":"yes"}}}', /confirm: expected one of type-name/],
    ['{"contexts":{"a":{"api":"http://a","tokenFile":"a","tokenCommand":"b"}}}', /exclude each other/],
    ['{"contexts":{"a b":{"zk":"a:1"}}}', /context 'a b': expected a name/],
    ['{"current":"b","contexts":{"a":{"zk":"a:1"}}}', /current: there is no context "b"/],
    ['{"contexts":{},"contexts":{"a":{"zk":"b:1"}}}', /'contexts' is given more than once/],
    ['{"contexts":{},"more":1}', /unknown field 'more'/],
  ];
  for (const [text, message] of cases)
    t.regex(
      problemOf(() => parseContexts(text, 'c')),
      message,
      text,
    );
  t.notThrows(() => checkContext({ zk: 'a:1', zkTls: true, confirm: 'type-name' }, 'c'));
});

test('a file of contexts that names a token is for its owner alone', (t) => {
  const named = JSON.stringify({ contexts: { a: { api: 'http://a', tokenCommand: 'pass a' } } });
  t.regex(
    problemOf(() => readContexts(fileWith(named, 0o644))),
    /others may read it, and context 'a' names a token.*chmod 600/,
  );
  t.regex(
    problemOf(() => readContexts(fileWith(named, 0o622))),
    /others may write it/,
  );
  t.notThrows(() => readContexts(fileWith(named)));
  t.notThrows(() => readContexts(fileWith(JSON.stringify(CONTEXTS), 0o644)));
});

test('the file of contexts is where the system keeps such files', (t) => {
  t.is(contextsPath({ XDG_CONFIG_HOME: '/xdg' }), '/xdg/drover/contexts.json');
  t.is(contextsPath({ HOME: '/home/ada', XDG_CONFIG_HOME: 'relative' }), '/home/ada/.config/drover/contexts.json');
});
