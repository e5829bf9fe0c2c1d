import test from 'ava';
import { watchesIn } from './mntr.js';

test('watches are read from mntr; a server that does not serve has no number of them', (t) => {
  t.is(watchesIn('zk_znode_count\t12\nzk_watch_count\t42\nzk_ephemerals_count\t3\n'), 42);
  t.is(watchesIn('This ZooKeeper instance is not currently serving requests\n'), null);
});
