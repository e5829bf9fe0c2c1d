import test from 'ava';
import { sessionPassword } from './session-password.js';

test("a session's password is what java.util.Random gives for its id", (t) => {
  // ZooKeeper's secret is taken off the id: new Random(0), whose first values are known.
  const password = sessionPassword(0xb3415c00n);
  t.deepEqual(
    [0, 4, 8, 12].map((at) => password.readInt32LE(at)),
    [-1_155_484_576, -723_955_400, 1_033_096_058, -1_690_734_402],
  );
});
