import { API_ERRORS, ROUTES } from '@drover/api';
import test from 'ava';
import fc from 'fast-check';
import { ApiWorld } from './support/api-world.js';

const ID = '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B';
const word = fc.oneof(
  fc.constantFrom(ID, `${ID}.0`, 'w1', 'mail', '..', '%2e%2e', '%00', '__proto__', '0', '-1', 'a'.repeat(600)),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map(encodeURIComponent),
);
/** Streams end only when the client goes. */
const STREAMS = new Set(['streamEvents', 'getLogs', 'submitBatch']);
const path = fc.oneof(
  {
    arbitrary: fc.constantFrom(...ROUTES.filter(({ name }) => !STREAMS.has(name)).map((route) => route.path)),
    weight: 8,
  },
  { arbitrary: fc.array(word, { maxLength: 4 }).map((words) => `/${words.join('/')}`), weight: 2 },
  {
    arbitrary: fc.constantFrom(
      '/internal/ask',
      '/internal/answer',
      '/internal/follow',
      '/internal/audit',
      '/ui/../x',
      '/ui/assets/x.js',
    ),
    weight: 1,
  },
);
const parameter = fc.constantFrom(
  'limit',
  'cursor',
  'q',
  'order',
  'after',
  'topics',
  'metric',
  'path',
  'payload',
  'x',
  '',
);
const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
  path,
  words: fc.array(word, { minLength: 2, maxLength: 2 }),
  query: fc.array(fc.tuple(parameter, word), { maxLength: 3 }),
  type: fc.constantFrom('application/json', 'text/plain', 'application/x-ndjson', undefined),
  body: fc.oneof(
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.string({ maxLength: 30 }),
    fc.constant('{'),
  ),
});

test('whatever is asked, what is refused is a problem with a code that is documented, and the server goes on', async (t) => {
  const world = await ApiWorld.create(t);
  const { api, get } = await world.replica('s1');
  await world.until(
    () => get('/v1/overview'),
    ({ json }) => json.complete,
  );
  await fc.assert(
    fc.asyncProperty(request, async ({ method, path: pattern, words, query, type, body }) => {
      let n = 0;
      const at = pattern.replace(/:\w+/g, () => words[n++ % 2] ?? '');
      const url = `${at}${query.length === 0 ? '' : `?${query.map(([name, value]) => `${name}=${value}`).join('&')}`}`;
      const withBody = method === 'GET' || method === 'HEAD' ? {} : { payload: body };
      const headers = { host: new URL(api.url).host, ...(type === undefined ? {} : { 'content-type': type }) };
      const answer = await api.server.inject({ method: method as 'GET', url, headers, ...withBody });
      if (answer.statusCode < 400 || method === 'HEAD' || /^\/(livez|readyz|startupz)/.test(at)) return;
      t.regex(
        String(answer.headers['content-type']),
        /^application\/problem\+json/,
        `${method} ${url}: ${answer.payload}`,
      );
      const { code, detail, status } = JSON.parse(answer.payload) as {
        code: keyof typeof API_ERRORS;
        detail: string;
        status: number;
      };
      const expected: number = API_ERRORS[code].status;
      t.is(status, expected);
      t.not(code, 'internal', `${method} ${url} ${type ?? ''} ${body}`);
      t.notRegex(detail, /\n\s+at |node_modules|\/apps\/|\/libs\//);
    }),
    { numRuns: 1_000 },
  );
  t.is((await get('/v1/overview')).status, 200);
});
