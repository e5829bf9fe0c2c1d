import test from 'ava';
import { hostOf, isOwnHost } from './hosts.decide.js';

test('on loopback only names of loopback are taken, and those that the operator gave', (t) => {
  const hosts = { loopback: true, names: new Set(['drover.example.com']) };
  for (const host of [
    'localhost:7373',
    '127.0.0.1:7373',
    '127.0.0.1',
    '[::1]:7373',
    'LOCALHOST',
    'Drover.Example.com:443',
    'drover.example.com.',
  ])
    t.true(isOwnHost(host, hosts), host);
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '10.0.0.1:7373',
    '127.0.0.1.evil.example',
    '',
    undefined,
  ])
    t.false(isOwnHost(host, hosts), host);
});

test('beyond loopback any address is taken, for no name leads to it', (t) => {
  const hosts = { loopback: false, names: new Set(['zeus']) };
  for (const host of ['10.0.0.1:7373', '[fd00::1]:7373', 'zeus:7373', 'localhost'])
    t.true(isOwnHost(host, hosts), host);
  for (const host of ['evil.example:7373', 'zeus.evil.example', '10.0.0.1.evil.example'])
    t.false(isOwnHost(host, hosts), host);
});

test('what is no host is none', (t) => {
  for (const host of ['a b', 'a/b', 'user@host', '[::1', '::1', 'a:b', 'a:123456', 'a\n'])
    t.is(hostOf(host), null, host);
  t.is(hostOf('[::1]:80'), '::1');
});
