import test from 'ava';
import { EventReader } from './sse.js';

const STREAM =
  ': hello\n\nid: 7.1\nevent: hello\ndata: {"a":1}\n\nevent: overview\r\ndata: [1,\r\ndata: 2]\r\n\r\n: beat\n\n';
const EVENTS = [
  { id: '7.1', event: 'hello', data: { a: 1 } },
  { id: null, event: 'overview', data: [1, 2] },
];

test('events are the same however the stream is cut', (t) => {
  for (let size = 1; size <= STREAM.length; size++) {
    const reader = new EventReader();
    const events = [];
    for (let at = 0; at < STREAM.length; at += size) events.push(...reader.push(STREAM.slice(at, at + size)));
    t.deepEqual(events, EVENTS);
  }
});

test('what is not JSON is text', (t) => {
  t.deepEqual(new EventReader().push('event: a\ndata: {x\n\n'), [{ id: null, event: 'a', data: '{x' }]);
});
