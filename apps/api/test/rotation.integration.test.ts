import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeRecord, SESSION_KEY } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import { testZooKeeper } from '@drover/testing';
import { connectZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { sealSession } from '../src/access/browser-session.js';
import type { SealKey } from '../src/access/sealed.js';
import { CLIENT_ID, CLIENT_SECRET, startProvider } from './oidc-provider.js';
import { ask, client, startReplica, until, type Replica } from './replica.js';

const MINUTE = 60_000;
const WEEK = 7 * 24 * 60 * MINUTE;

/** The wall clock of this process, which tests move: of replicas, of the provider, and of the library that reads keys. */
const now = Date.now.bind(Date);
let movedBy = 0;
Date.now = () => now() + movedBy;
const move = (ms: number): void => void (movedBy += ms);

test.serial(
  'keys of a provider that runs on are replaced: a new one is taken, one that is gone is refused',
  async (t) => {
    const { connect: zk } = await testZooKeeper(t);
    await client(t, zk);
    const provider = await startProvider(t, ['http://127.0.0.1:1/v1/callback']);
    const secretFile = join(await mkdtemp(join(tmpdir(), 'drover-oidc-')), 'secret');
    await writeFile(secretFile, CLIENT_SECRET, { mode: 0o600 });
    const replica = await startReplica(t, zk, 's1', {
      ...{ apiAuth: 'oidc', apiOidcIssuer: provider.issuer, apiOidcClientId: CLIENT_ID },
      ...{ apiOidcClientSecretFile: secretFile, apiOidcRoles: 'admins=admin' },
    });
    const statusOf = async (kid: string): Promise<number> => {
      const token = await provider.token({ groups: ['admins'], kid });
      return (await ask(replica.url, 'GET', '/v1', { as: token })).status;
    };
    t.is(await statusOf('k1'), 200);
    t.is(await statusOf('k1'), 200);
    t.is(provider.keysRead, 1, 'not once for each token');

    // The provider has another key beside the old one: the first token of it lets the keys be read again, half a minute after they were read.
    await provider.rotate('k2', 'stay');
    t.is(
      await statusOf('k2'),
      401,
      'keys that were read a moment ago are not read again for whoever sends an unknown key',
    );
    move(31_000);
    t.is(await statusOf('k2'), 200);
    t.is(await statusOf('k1'), 200, 'tokens of the old key are good while the provider shows it');
    t.is(provider.keysRead, 2);

    // The old keys are gone at the provider: their tokens are refused when the keys are read again, ten minutes later at most.
    await provider.rotate('k3', 'go');
    t.is(await statusOf('k1'), 200);
    move(10 * MINUTE + 1_000);
    t.is(await statusOf('k1'), 401);
    t.is(await statusOf('k2'), 401);
    move(31_000);
    t.is(await statusOf('k3'), 200);

    // Without the provider the keys that were read last are good for their ten minutes; then nobody can be checked.
    provider.setDown(true);
    move(9 * MINUTE);
    t.is(await statusOf('k3'), 200);
    move(2 * MINUTE);
    const token = await provider.token({ groups: ['admins'] });
    t.like(await ask(replica.url, 'GET', '/v1', { as: token }), {
      ...{ status: 503, body: { code: 'sign-in-unavailable' } },
    });
    t.is((await ask(replica.url, 'GET', '/v1')).status, 200, 'who sends no token is told how to sign in');
    provider.setDown(false);
    t.is(await statusOf('k3'), 200);
  },
);

test.serial(
  'the key of the cluster is replaced each week: the one before it is good, those before that are not, at every replica',
  async (t) => {
    const { connect: zk } = await testZooKeeper(t);
    const { secret } = await (await client(t, zk)).tokens.create({ name: 'ada', roles: ['admin'] });
    const replicas = await Promise.all(['s1', 's2'].map((id) => startReplica(t, zk, id, { apiAuth: 'token' })));
    const handle = connectZooKeeper({ connect: zk, sessionTimeoutMs: 10_000, runtime: systemRuntime });
    t.teardown(() => handle.close());
    const keysNow = async (): Promise<SealKey[]> => {
      const { keys } = decodeRecord('sessionKeys', SESSION_KEY, (await handle.get(SESSION_KEY)).data);
      return keys.map(({ id, key }) => ({ id, key: Buffer.from(key, 'base64url') }));
    };
    /** A session of now, sealed with this key. */
    const cookieOf = (key: SealKey): string => {
      const at = Date.now();
      const who = { name: 'ada', auth: 'token', roles: ['admin'], queues: null, token: secret.split('_')[1] } as const;
      return `drover=${sealSession({ ...who, roles: ['admin'], at, seenAt: at }, key)}`;
    };
    const signedIn = async (replica: Replica, cookie: string): Promise<boolean> =>
      (await replica.ask('GET', '/v1', { headers: { cookie } })).body.caller !== null;
    const signIn = async (replica: Replica | undefined): Promise<string> => {
      const answer = await replica!.ask('POST', '/v1/session', { body: { token: secret } });
      return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    };
    /** Resolves when both replicas seal with the newest key. */
    const agreed = async (newest: string): Promise<void> => {
      for (const replica of replicas) {
        const sealed = async () => {
          const cookie = await signIn(replica);
          return { status: cookie.startsWith(`drover=${newest}.`) ? 200 : 404, body: {}, headers: new Headers() };
        };
        await until(sealed, ({ status }) => status === 200);
      }
    };
    const rotated = async (known: readonly SealKey[]): Promise<SealKey[]> => {
      for (;;) {
        const keys = await keysNow();
        if (keys[0]?.id !== known[0]?.id) return keys;
      }
    };

    await until(
      () => replicas[0]!.ask('GET', '/v1', { as: secret }),
      ({ status }) => status === 200,
    );
    const first = await keysNow();
    await agreed(first[0]!.id);
    move(WEEK - 10 * MINUTE);
    const old = await signIn(replicas[0]);
    for (const replica of replicas) t.true(await signedIn(replica, old));
    t.deepEqual(await keysNow(), first, 'it is not a week old');

    move(11 * MINUTE);
    const second = await rotated(first);
    t.deepEqual(second[1], first[0], 'the one before stays');
    await agreed(second[0]!.id);
    for (const replica of replicas) {
      t.true(await signedIn(replica, old), 'whoever signed in before the change stays signed in');
      t.true(await signedIn(replica, cookieOf(second[0]!)));
      t.true(await signedIn(replica, cookieOf(second[1]!)));
    }

    move(WEEK);
    const third = await rotated(second);
    t.deepEqual(
      third.map(({ id }) => id),
      [third[0]!.id, second[0]!.id],
    );
    await agreed(third[0]!.id);
    for (const replica of replicas) {
      t.true(await signedIn(replica, cookieOf(second[0]!)));
      t.false(await signedIn(replica, cookieOf(first[0]!)), 'two changes ago, though the session itself is of now');
      t.false(await signedIn(replica, old));
    }
  },
);
