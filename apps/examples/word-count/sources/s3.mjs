import { AwsClient } from 'aws4fetch';

/**
 * The objects of a bucket of S3, or of anything that speaks its protocol. `url`: `https://bucket.s3.eu-central-1.amazonaws.com/prefix`,
 * or `http://minio:9000/bucket/prefix` with `pathStyle`. Credentials are those of the environment of the worker: nothing secret stands
 * in the input of the flow.
 */
export function s3Source(url, { pathStyle = false, environment = process.env } = {}) {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  if (!accessKeyId || !secretAccessKey)
    throw new Error('set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment of the worker');
  const aws = new AwsClient({
    ...{ accessKeyId, secretAccessKey, service: 's3', region: environment.AWS_REGION ?? 'us-east-1' },
    ...(environment.AWS_SESSION_TOKEN && { sessionToken: environment.AWS_SESSION_TOKEN }),
  });
  const { origin, pathname } = new URL(url);
  const [first = '', ...rest] = pathname.slice(1).split('/');
  const bucket = pathStyle ? `${origin}/${first}` : origin;
  const prefix = pathStyle ? rest.join('/') : pathname.slice(1);

  async function get(address, headers = {}) {
    const response = await aws.fetch(address, { headers });
    if (response.ok) return response;
    throw new Error(`${new URL(address).pathname}: status ${response.status} ${(await response.text()).slice(0, 200)}`);
  }

  return {
    async *list() {
      for (let token = ''; ;) {
        const query = new URLSearchParams({ 'list-type': '2', prefix, ...(token && { 'continuation-token': token }) });
        const text = await (await get(`${bucket}/?${query}`)).text();
        for (const [, entry] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs))
          yield { name: field(entry, 'Key'), bytes: Number(field(entry, 'Size')) };
        token = field(text, 'NextContinuationToken');
        if (token === '') return;
      }
    },
    async *read(name, from) {
      const key = name.split('/').map(encodeURIComponent).join('/');
      const response = await get(`${bucket}/${key}`, { range: `bytes=${from}-` });
      yield* response.body;
    },
  };
}

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The text of an element of the answer; '': there is none. */
function field(xml, name) {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, entity) => ENTITIES[entity]);
}
