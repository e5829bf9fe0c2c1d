import test from 'ava';
import { ZooKeeperError } from '../errors.js';
import type { Capabilities } from '../port.js';
import { FENCING_CAPABILITIES, requireCapabilities } from './require-capabilities.js';

const ALL: Capabilities = {
  multi: true,
  multiRead: true,
  addWatch: true,
  ttl: true,
  containers: true,
  sync: true,
  acl: true,
  tls: true,
  exactVersions: true,
  lease: true,
  introspection: true,
};

test('a driver that has everything is accepted', (t) => {
  t.notThrows(() => {
    requireCapabilities({ driver: 'd', capabilities: ALL }, FENCING_CAPABILITIES, 'scheduler');
  });
});

test('a driver that lacks something is refused, and the error names role, driver and all that is missing', (t) => {
  const capabilities = { ...ALL, multi: false, lease: false, tls: false };
  const error = t.throws(
    () => {
      requireCapabilities({ driver: 'zookeeper', capabilities }, FENCING_CAPABILITIES, 'scheduler');
    },
    { instanceOf: ZooKeeperError, message: /a scheduler needs multi, lease, which driver 'zookeeper' lacks/ },
  );
  t.is(error.code, 'UNSUPPORTED');
  t.notRegex(error.message, /tls/);
});
