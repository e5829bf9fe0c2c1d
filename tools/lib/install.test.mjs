import test from 'ava';
import { isInstalled } from './install.mjs';

const locked = {
  '': { name: 'drover-workspace' },
  'libs/core': { version: '0.1.0' },
  'node_modules/@drover/core': { link: true, resolved: 'libs/core' },
  'node_modules/ava': { version: '7.0.0' },
  'libs/core/node_modules/ulid': { version: '3.0.2' },
  'node_modules/fsevents': { version: '2.0.0', optional: true },
};
const complete = {
  'node_modules/@drover/core': { link: true, resolved: 'libs/core' },
  'node_modules/ava': { version: '7.0.0' },
  'libs/core/node_modules/ulid': { version: '3.0.2' },
};

test('nothing installed is not installed', (t) => t.false(isInstalled(locked, undefined)));

test('everything but the optional is installed', (t) => t.true(isInstalled(locked, complete)));

test('another version, a missing package or a missing link is not', (t) => {
  t.false(isInstalled(locked, { ...complete, 'node_modules/ava': { version: '6.0.0' } }));
  for (const path of Object.keys(complete)) {
    const rest = Object.entries(complete).filter(([other]) => other !== path);
    t.false(isInstalled(locked, Object.fromEntries(rest)), path);
  }
});
