import { createServer, type IncomingMessage } from 'node:http';
import test from 'ava';
import { askOtlp, headersIn } from './otlp.js';

test('a receiver that takes spans is well; one that refuses them, or is not there, is not', async (t) => {
  const asked: [path: string | undefined, key: unknown, body: string][] = [];
  let status = 200;
  const server = createServer((request: IncomingMessage, answer) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      asked.push([request.url, request.headers['x-key'], body]);
      answer.writeHead(status, { connection: 'close' }).end('no such key');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const env = { OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b' };
  t.deepEqual(await askOtlp(`${endpoint}/`, env), { endpoint: `${endpoint}/`, fault: null });
  t.deepEqual(asked, [['/v1/traces', 'a b', '{"resourceSpans":[]}']]);
  status = 401;
  t.is((await askOtlp(endpoint, {})).fault, 'it answers 401 no such key');
  await new Promise((done) => server.close(done));
  t.regex((await askOtlp(endpoint, {})).fault ?? '', /ECONNREFUSED/);
});

test('headers are read as OpenTelemetry does, and what is none is left out', (t) => {
  t.deepEqual(headersIn('a=1, b=x%3Dy ,nonsense,=c,d=%zz'), { a: '1', b: 'x=y', d: '%zz' });
  t.deepEqual(headersIn(''), {});
});
