import test from 'ava';
import { wordOf } from './zookeeper-logs.js';

const start =
  '2026-11-23 03:54:52,879 [myid:1] - INFO  [main:ZooKeeperServer] - Server environment:zookeeper.version=3.8.0-1, built on 2024-12-29\n';
const mismatch =
  '2026-11-23 04:04:30,996 [myid:1] - ERROR [CommitProcessor:1:DataTree] - First digest mismatch on txn: 144116918522413056,8144,25769804213';

test('of servers that agree only the version is told', (t) => {
  t.deepEqual(wordOf([start, start]), { version: '3.8.0', digestComplaint: null });
});

test('one server that has seen another digest than its own is enough', (t) => {
  t.deepEqual(wordOf([start, `${start}${mismatch}\n${start}`]), { version: '3.8.0', digestComplaint: mismatch });
  t.is(wordOf(['WARN - Message:Digests are not matching. Value is Zxid.\n']).version, '?');
  t.not(wordOf(['WARN - Message:Digests are not matching. Value is Zxid.\n']).digestComplaint, null);
});
