import test from 'ava';
import { read } from './four-letters.js';

test('numbers come from whichever word the server allows', (t) => {
  const srvr =
    'Zookeeper version: 3.9.3-c26634f34490bb0ea7a09cc51e05ede3b4e320ee, built on 2024-10-17 23:21 UTC\nLatency min/avg/max: 0/0.5/12\nReceived: 9\nSent: 8\nConnections: 3\nOutstanding: 0\nZxid: 0x1\nMode: standalone\nNode count: 140\n';
  const mntr = 'zk_version\t3.9.3-c26\nzk_watch_count\t17\nzk_approximate_data_size\t4096\n';
  t.deepEqual(read(srvr, mntr), {
    ...{
      version: '3.9.3',
      mode: 'standalone',
      connections: 3,
      outstanding: 0,
      latencyMs: 0.5,
      znodes: 140,
      watches: 17,
    },
    ...{ dataBytes: 4_096, why: null },
  });
  const refusal = 'srvr is not executed because it is not in the whitelist.\n';
  t.like(read(refusal, refusal), {
    version: null,
    why: 'its four-letter words are off: allow srvr and mntr with 4lw.commands.whitelist',
  });
  t.like(read('', ''), { znodes: null, why: 'it answered nothing to srvr and mntr' });
});
