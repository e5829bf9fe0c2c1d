import test from 'ava';
import { readProperties } from './admin-server.js';

test('only the answer of an AdminServer has properties', (t) => {
  const answer = {
    'java.version': '17.0.18',
    'zookeeper.snapshotSizeFactor': '-1',
    command: 'system_properties',
    error: null,
  };
  t.is(readProperties(JSON.stringify(answer))?.['zookeeper.snapshotSizeFactor'], '-1');
  for (const text of ['', '<html>', '[]', 'null', '"x"', '{"error":"not found"}'])
    t.is(readProperties(text), null, text);
});
