import test from 'ava';
import { probeUrl, quickHealth } from './health.js';

test('a probe asks the process whose settings the environment has, at loopback', (t) => {
  const cases: [NodeJS.ProcessEnv, string][] = [
    [{}, 'http://127.0.0.1:7373/readyz'],
    [{ DROVER_OPS_LISTEN: '0.0.0.0:9464', DROVER_API_LISTEN: '127.0.0.1:1' }, 'http://127.0.0.1:9464/readyz'],
    [{ DROVER_API_LISTEN: '[::]:7373', DROVER_API_TLS_CERT_FILE: '/cert' }, 'https://[::1]:7373/readyz'],
    [{ DROVER_API_LISTEN: 'off' }, 'http://127.0.0.1:7373/readyz'],
    [{ DROVER_HEALTH_URL: 'http://a:1/livez', DROVER_OPS_LISTEN: 'b:2' }, 'http://a:1/livez'],
  ];
  for (const [env, url] of cases) t.is(probeUrl(undefined, env), url);
  t.is(probeUrl('http://b:2', { DROVER_HEALTH_URL: 'http://a:1' }), 'http://b:2/readyz');
});

test('other arguments go the long way', async (t) => {
  for (const args of [['--help'], ['--url'], ['--url', 'nonsense'], ['--url', 'http://a', '--json'], ['--registered']])
    t.is(await quickHealth(args, {}), null, args.join(' '));
});
