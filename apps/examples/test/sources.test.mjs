import { createServer } from 'node:http';
import test from 'ava';
import { s3Source } from '../word-count/sources/s3.mjs';
import { webHdfsSource } from '../word-count/sources/webhdfs.mjs';

async function serve(t, answer) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(new URL(request.url, 'http://localhost'), request, response);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  t.teardown(() => server.close());
  return { url: `http://127.0.0.1:${server.address().port}`, asked };
}

async function all(iterable) {
  const values = [];
  for await (const value of iterable) values.push(value);
  return values;
}
const textOf = async (chunks) => Buffer.concat(await all(chunks)).toString();

const environment = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-central-1' };

test('objects of S3 are listed page by page and read from a position on, signed', async (t) => {
  const content = 'one\ntwo\n';
  const { url, asked } = await serve(t, ({ pathname, searchParams }, request, response) => {
    if (searchParams.get('list-type') === '2') {
      const second = searchParams.get('continuation-token') === 'more&more';
      const next = second ? '' : '<NextContinuationToken>more&amp;more</NextContinuationToken>';
      const key = second ? 'logs/b.txt' : 'logs/a &amp; b.txt';
      response.end(`<ListBucketResult><Contents><Key>${key}</Key><Size>8</Size></Contents>${next}</ListBucketResult>`);
    } else if (pathname === '/bucket/logs/a%20%26%20b.txt') {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range)[1]);
      response.writeHead(206).end(content.slice(from));
    } else response.writeHead(404).end('<Code>NoSuchKey</Code>');
  });
  const source = s3Source(`${url}/bucket/logs`, { pathStyle: true, environment });
  t.deepEqual(await all(source.list()), [
    { name: 'logs/a & b.txt', bytes: 8 },
    { name: 'logs/b.txt', bytes: 8 },
  ]);
  t.is(await textOf(source.read('logs/a & b.txt', 4)), 'two\n');
  await t.throwsAsync(all(source.read('logs/c.txt', 0)), { message: /\/bucket\/logs\/c\.txt: status 404 .*NoSuchKey/ });
  for (const { headers } of asked)
    t.regex(headers.authorization, /^AWS4-HMAC-SHA256 Credential=id\/\d+\/eu-central-1\/s3\//);
});

test('without credentials it says which to set', (t) => {
  t.throws(() => s3Source('http://x/y', { environment: {} }), { message: /set AWS_ACCESS_KEY_ID/ });
});

test('files of HDFS are listed folder by folder and read from a position on', async (t) => {
  const folders = {
    '/webhdfs/v1/data': [
      { pathSuffix: 'a b.txt', type: 'FILE', length: 5 },
      { pathSuffix: 'inner', type: 'DIRECTORY', length: 0 },
    ],
    '/webhdfs/v1/data/inner': [{ pathSuffix: 'c.txt', type: 'FILE', length: 3 }],
  };
  const { url } = await serve(t, ({ pathname, searchParams }, _, response) => {
    if (searchParams.get('user.name') !== 'ada') response.writeHead(401).end('who are you?');
    else if (searchParams.get('op') === 'LISTSTATUS')
      response.end(JSON.stringify({ FileStatuses: { FileStatus: folders[decodeURIComponent(pathname)] } }));
    else if (searchParams.get('op') === 'OPEN' && pathname === '/webhdfs/v1/data/a%20b.txt')
      response.end('hello'.slice(Number(searchParams.get('offset'))));
    else response.writeHead(404).end('no');
  });
  const source = webHdfsSource(`${url}/data`, { user: 'ada' });
  t.deepEqual(await all(source.list()), [
    { name: 'a b.txt', bytes: 5 },
    { name: 'inner/c.txt', bytes: 3 },
  ]);
  t.is(await textOf(source.read('a b.txt', 3)), 'lo');
  await t.throwsAsync(all(webHdfsSource(`${url}/data`).list()), { message: /\/data: status 401 who are you\?/ });
});
