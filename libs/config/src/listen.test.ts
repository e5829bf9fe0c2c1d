import test from 'ava';
import { parseListen } from './listen.js';

test('an address to listen at is an IP address or localhost, and a port', (t) => {
  t.deepEqual(parseListen('127.0.0.1:9464'), { host: '127.0.0.1', port: 9464 });
  t.deepEqual(parseListen('[::1]:0'), { host: '::1', port: 0 });
  t.deepEqual(parseListen('localhost:80'), { host: 'localhost', port: 80 });
  for (const wrong of ['9464', ':9464', '127.0.0.1', '127.0.0.1:70000', '::1:80', '[::g]:80', 'example.org:80', '']) {
    t.is(parseListen(wrong), null, wrong);
  }
});
