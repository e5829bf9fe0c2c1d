import test from 'ava';
import { ZooKeeperError } from '../errors.js';
import { parseConnectString } from './hosts.js';

const good: Record<string, ReturnType<typeof parseConnectString>> = {
  'zk1:2181': { servers: [{ host: 'zk1', port: 2181 }], chroot: '' },
  zk1: { servers: [{ host: 'zk1', port: 2181 }], chroot: '' },
  'zk1:1, zk2:2/prod/a': {
    servers: [
      { host: 'zk1', port: 1 },
      { host: 'zk2', port: 2 },
    ],
    chroot: '/prod/a',
  },
  '10.0.0.1:2181/': { servers: [{ host: '10.0.0.1', port: 2181 }], chroot: '' },
  '[::1]:2182,[fe80::1%eth0]/x': {
    servers: [
      { host: '::1', port: 2182 },
      { host: 'fe80::1%eth0', port: 2181 },
    ],
    chroot: '/x',
  },
};

for (const [text, expected] of Object.entries(good)) {
  test(`"${text}" is a connect string`, (t) => {
    t.deepEqual(parseConnectString(text), expected);
  });
}

const bad: Record<string, string> = {
  '': '"" is not host:port',
  'zk1:2181,': '"" is not host:port',
  'zk1:0': 'the port of "zk1:0"',
  'zk1:65536': 'the port of "zk1:65536"',
  'zk1:port': '"zk1:port" is not host:port',
  '::1:2181': 'needs brackets',
  'zk1:2181/a/': 'must not end with /',
  'zk1:2181//a': 'must not have an empty part',
  'zk1:2181/a/../b': 'must not have a part . or ..',
};

for (const [text, message] of Object.entries(bad)) {
  test(`"${text}" is none, and the message says why`, (t) => {
    const error = t.throws(() => parseConnectString(text), { instanceOf: ZooKeeperError });
    t.is(error.code, 'BAD_ARGUMENTS');
    t.true(error.message.includes(message), error.message);
  });
}
