import test from 'ava';
import { isSupported } from './node-version.mjs';

test('20.19 is the first that is supported', (t) => {
  for (const version of ['20.19.0', '20.20.2', '21.0.0', '22.1.0', '100.0.0']) t.true(isSupported(version), version);
  for (const version of ['20.18.9', '18.20.0', '14.18.0', '9.99.99']) t.false(isSupported(version), version);
});
