import test from 'ava';
import { withoutAddress } from './election-opening.js';

const long = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};
const address = Buffer.from('127.0.0.1:3888');
const length = Buffer.from([0, 0, 0, address.length]);
const opening = Buffer.concat([long(-65_536n), long(3n), length, address]);

test('of an opening the id is left, as before there were versions; what follows it stays', (t) => {
  t.deepEqual(withoutAddress(opening), long(3n));
  t.deepEqual(
    withoutAddress(Buffer.concat([opening, Buffer.from('more')])),
    Buffer.concat([long(3n), Buffer.from('more')]),
  );
});

test('an opening that is not whole is waited for', (t) => {
  for (let size = 0; size < opening.length; size++) t.is(withoutAddress(opening.subarray(0, size)), undefined);
});

test('an opening without a version goes on as it is', (t) => {
  t.deepEqual(withoutAddress(long(3n)), long(3n));
});
