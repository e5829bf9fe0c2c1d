import { matchesFilter, parseFilter } from '@drover/core';
import test from 'ava';
import { ANYBODY, may, NOBODY, permissionsOf, scoped, sees, type Caller } from './caller.js';
import { splitAltNames } from './client-certificate.js';
import { localPath, nameOf, valuesOf } from './oidc/claims.decide.js';
import { Proxies } from './proxies.js';

const ada: Caller = { name: 'ada', auth: 'token', roles: ['viewer'], queues: ['a*', 'mail'] };

test('a caller sees its queues, by itself and in filters', (t) => {
  const task = {
    ...{ id: 'i', type: 't', state: 'failed', worker: null, key: null, attempt: 1, submittedAt: 0 },
  } as const;
  for (const [queue, seen] of [
    ['a', true],
    ['abc', true],
    ['mail', true],
    ['mails', false],
    ['b', false],
  ] as const) {
    t.is(sees(ada, queue), seen, queue);
    t.is(matchesFilter(scoped(parseFilter('state:failed'), ada), { ...task, queue } as never, 0), seen, queue);
    t.true(sees(ANYBODY, queue));
    t.false(sees(NOBODY, queue));
  }
  t.deepEqual(scoped([], ANYBODY), []);
});

test('what concerns the whole cluster is for admins of every queue', (t) => {
  const admin: Caller = { ...ada, roles: ['admin'] };
  t.false(may(admin, 'administer'));
  t.true(may(admin, 'define'));
  t.true(may({ ...admin, queues: null }, 'administer'));
  t.deepEqual(permissionsOf(ada), ['see']);
  t.deepEqual(permissionsOf(NOBODY), []);
});

test('names of a certificate are read as Node writes them', (t) => {
  t.deepEqual(splitAltNames('DNS:a.example.com, URI:spiffe://x/y, IP Address:10.0.0.1, email:a@b, DirName:CN = x'), [
    ...['DNS:a.example.com', 'URI:spiffe://x/y', 'IP:10.0.0.1', 'email:a@b'],
  ]);
  t.deepEqual(splitAltNames('URI:"http://a/, DNS:evil", DNS:good'), ['URI:http://a/, DNS:evil', 'DNS:good']);
  t.deepEqual(splitAltNames(''), []);
});

test('a proxy is believed by its address, and who the user is by its secret too', (t) => {
  const proxies = new Proxies({
    from: ['10.1.0.0/16', 'fd00::/8', '127.0.0.1'],
    secret: 'very-secret-text',
    roles: {},
  });
  const headers = {
    'x-forwarded-user': 'ada',
    'x-forwarded-groups': 'ops, dev',
    'drover-proxy-secret': 'very-secret-text',
  };
  t.deepEqual(proxies.userOf('10.1.2.3', headers), { user: 'ada', groups: ['ops', 'dev'] });
  t.deepEqual(proxies.userOf('::ffff:10.1.2.3', headers)?.user, 'ada');
  t.is(proxies.userOf('10.2.0.1', headers), null);
  t.is(proxies.userOf('10.1.2.3', { ...headers, 'drover-proxy-secret': 'other' }), null);
  t.is(proxies.userOf('10.1.2.3', { ...headers, 'x-forwarded-user': '' }), null);
  t.is(new Proxies({ from: ['10.1.2.3'], secret: null, roles: {} }).userOf('10.1.2.3', headers), null);
});

test('the address of the client is the last one that no trusted proxy added', (t) => {
  const proxies = new Proxies({ from: ['10.1.0.0/16'], secret: null, roles: {} });
  const of = (peer: string, forwarded?: string): string =>
    proxies.clientOf(peer, forwarded === undefined ? {} : { 'x-forwarded-for': forwarded });
  t.is(of('10.1.0.1', '6.6.6.6, 7.7.7.7, 10.1.0.2'), '7.7.7.7');
  t.is(of('8.8.8.8', '7.7.7.7'), '8.8.8.8', 'anybody may write that header');
  t.is(of('::ffff:8.8.8.8'), '8.8.8.8');
  t.is(of('10.1.0.1', 'garbage'), '10.1.0.1');
});

test('values of claims are exact, and found below others', (t) => {
  t.deepEqual(valuesOf({ groups: ['a', 1, 'b'] }, 'groups'), ['a', 'b']);
  t.deepEqual(valuesOf({ groups: 'a' }, 'groups'), ['a']);
  t.deepEqual(valuesOf({ realm_access: { roles: ['x'] } }, 'realm_access.roles'), ['x']);
  t.deepEqual(valuesOf({ 'https://a/b.c': ['x'] }, 'https://a/b.c'), ['x']);
  for (const claim of ['none', 'toString', 'constructor.name', '__proto__.x'])
    t.deepEqual(valuesOf({ sub: 'x' }, claim), []);
});

test('an address that nobody verified names nobody', (t) => {
  t.is(nameOf({ email: 'a@b', email_verified: true, sub: 's' }), 'a@b');
  t.is(nameOf({ email: 'a@b', email_verified: false, preferred_username: 'ada', sub: 's' }), 'ada');
  t.is(nameOf({ sub: 's' }), 's');
});

test('after the sign-in the browser stays at this server', (t) => {
  t.is(localPath('/ui/#/tasks?q=a', '/ui/'), '/ui/#/tasks?q=a');
  for (const path of [
    undefined,
    '',
    '//evil',
    '/\\evil',
    'https://evil',
    'ui',
    '/a\r\nset-cookie:x',
    '/%09/ evil',
    '/\t/evil',
  ])
    t.is(localPath(path, '/ui/'), '/ui/', path);
});
