import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { accessFields, toAccessConfig, type AccessConfig } from './access.js';
import { ConfigError } from './errors.js';
import { parseListen } from './listen.js';
import { resolveFields } from './resolve.js';
import { readTokensFile } from './tokens-file.js';

const folder = mkdtempSync(join(tmpdir(), 'drover-access-'));

const access = (flags: Record<string, unknown>, listen = '127.0.0.1:7373'): AccessConfig =>
  toAccessConfig(resolveFields(accessFields, { flags }), parseListen(listen)!);

function refused(t: ExecutionContext, flags: Record<string, unknown>, listen?: string): string {
  return t.throws(() => access(flags, listen), { instanceOf: ConfigError }, JSON.stringify(flags)).message;
}

function fileWith(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

test('nobody needs to sign in on loopback, and the API is never open beyond it by mistake', (t) => {
  t.like(access({}), { methods: ['none'], exposed: false });
  t.like(access({}, '[::1]:0'), { methods: ['none'], exposed: false });
  for (const listen of ['0.0.0.0:7373', '[::]:7373', '10.0.0.1:7373'])
    for (const flags of [{}, { apiAuth: 'none' }, { apiInsecure: false }])
      t.regex(
        refused(t, flags, listen),
        /anybody could do everything; say who may: --api-auth token \(drover token create/,
      );
  t.like(access({ apiAuth: 'none', apiInsecure: true }, '0.0.0.0:7373'), { exposed: true });
  t.like(access({ apiAuth: 'token' }, '0.0.0.0:7373'), { methods: ['token'], exposed: false });
});

test('each way says what it needs, and a setting without effect is told', (t) => {
  t.regex(refused(t, { apiAuth: 'none,token' }), /'none' lets everybody do everything/);
  t.regex(refused(t, { apiAuth: 'saml' }), /--api-auth: expected some of none, token, oidc, mtls, proxy/);
  t.regex(
    refused(t, { apiAuth: 'oidc' }),
    /oidc, which requires --api-oidc-issuer, --api-oidc-client-id, --api-oidc-roles/,
  );
  t.regex(refused(t, { apiAuth: 'mtls' }), /mtls, which requires --api-tls-cert-file/);
  t.regex(refused(t, { apiAuth: 'proxy' }), /proxy, which requires --api-proxy-from, --api-proxy-secret-file/);
  t.regex(refused(t, { apiOidcClientId: 'x' }), /--api-oidc-client-id has no effect without --api-auth oidc/);
  t.regex(refused(t, { apiTlsKeyFile: 'x' }), /--api-tls-key-file requires --api-tls-cert-file/);
  t.regex(refused(t, { apiDisable: 'all' }), /--api-disable: expected some of submit, bulk/);
});

test('roles are given by exact names, with what narrows them', (t) => {
  const oidc = { apiAuth: 'token,oidc', apiOidcIssuer: 'https://id.example.com', apiOidcClientId: 'drover' };
  const roles = 'a=b=admin, ann@example.com = operator+payloads@a*|b , x=viewer';
  t.deepEqual(access({ ...oidc, apiOidcRoles: roles }).oidc?.roles, {
    'a=b': { roles: ['admin'], queues: null },
    'ann@example.com': { roles: ['operator', 'payloads'], queues: ['a*', 'b'] },
    x: { roles: ['viewer'], queues: null },
  });
  t.like(access({ ...oidc, apiOidcRoles: { 'CN=x,O=y': 'admin' } }).oidc, {
    ...{ audience: 'drover', claim: 'groups', clientSecret: null, scopes: ['openid', 'profile', 'email'] },
  });
  for (const bad of ['', 'a', 'a=', '=admin', 'a=god', 'a=admin,a=viewer', 'a=admin@', 'a=admin@*a', 'a=admin@a@b'])
    t.regex(refused(t, { ...oidc, apiOidcRoles: bad }), /--api-oidc-roles: expected names with roles/, bad);
  for (const apiOidcIssuer of ['http://id.example.com', 'ftp://x', 'https://x/?a', 'x'])
    t.regex(
      refused(t, { ...oidc, apiOidcRoles: 'a=admin', apiOidcIssuer }),
      /--api-oidc-issuer: expected an https URL/,
    );
  t.notThrows(() => access({ ...oidc, apiOidcRoles: 'a=admin', apiOidcIssuer: 'http://127.0.0.1:9000/a' }));
});

test('a proxy has an address and a secret', (t) => {
  const secret = fileWith('secret', 'a-secret-of-the-proxy\n');
  const proxy = {
    apiAuth: 'proxy',
    apiProxyFrom: '10.0.0.0/8,::1',
    apiProxySecretFile: secret,
    apiProxyRoles: 'ops=admin',
  };
  t.like(access(proxy).proxy, { from: ['10.0.0.0/8', '::1'], secret: 'a-secret-of-the-proxy' });
  for (const apiProxyFrom of ['10.0.0.0/33', 'host', '10.0.0.1/', '10.0.0.1/8/8', ''])
    t.regex(refused(t, { ...proxy, apiProxyFrom }), /--api-proxy-from: expected addresses/, apiProxyFrom);
  const short = fileWith('short', 'abc');
  t.regex(refused(t, { ...proxy, apiProxySecretFile: short }), /expected a secret of 16 or more visible characters/);
});

const entry = { id: 'abcdefghij', sha256: 'A'.repeat(64), name: 'ci', role: 'submitter,viewer' };

test('a file of tokens is read, or refused with what is wrong, without a word of its content', (t) => {
  const tokens = [entry, { ...entry, id: '0123456789', queues: ['a*'], expires: '2027-01-01' }];
  const [first, second] = readTokensFile(fileWith('good', JSON.stringify(tokens)), 'f');
  t.deepEqual(first, {
    ...{
      id: 'abcdefghij',
      sha256: 'a'.repeat(64),
      name: 'ci',
      roles: ['submitter', 'viewer'],
      queues: null,
      expiresAt: null,
    },
  });
  t.like(second, { queues: ['a*'], expiresAt: Date.UTC(2027, 0, 1) });
  const cases: [unknown, RegExp][] = [
    [{}, /not tokens|expected array/],
    [[{ ...entry, role: 'god' }], /0.role: expected some of viewer/],
    [[{ ...entry, sha256: 'secret' }], /0.sha256: expected the SHA-256/],
    [[{ ...entry, id: 'X' }], /0.id: expected 10 to 32/],
    [[{ ...entry, secret: 'x' }], /0: /],
    [[entry, entry], /the id 'abcdefghij' is given more than once/],
  ];
  for (const [content, message] of cases)
    t.throws(() => readTokensFile(fileWith('bad', JSON.stringify(content)), 'f'), { instanceOf: ConfigError, message });
  const broken = t.throws(() => readTokensFile(fileWith('bad', '[{"sha256":"hush"'), 'f'), { instanceOf: ConfigError });
  t.false(broken.message.includes('hush'));
});

test('a file of tokens that every user may read is refused', (t) => {
  const path = fileWith('open', JSON.stringify([entry]), 0o644);
  t.throws(() => readTokensFile(path, '--api-tokens-file'), { instanceOf: ConfigError, message: /chmod 600/ });
});
