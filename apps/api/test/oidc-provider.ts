import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Teardown } from '@drover/testing';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import type { Body } from './replica.js';
import { Provider, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';

export const CLIENT_ID = 'drover';
export const CLIENT_SECRET = 'the-secret-of-the-client-of-drover';

export interface TestProvider {
  issuer: string;
  /** The next browser that comes signs in as this person; the groups are those of its name below. */
  signInAs(name: string): void;
  /** A token of a program, as the provider would make it; `kid`: signed by that key, the newest one by default. */
  token(claims: JWTPayload & { alg?: string; kid?: string }): Promise<string>;
  /** From now on there is this key; it signs. Those before it stay, or are gone. */
  rotate(kid: string, others: 'stay' | 'go'): Promise<void>;
  /** It answers nobody, or does again. */
  setDown(isDown: boolean): void;
  /** How often its keys were read. */
  readonly keysRead: number;
}

const GROUPS: Readonly<Record<string, string[]>> = { ada: ['admins'], bob: ['team-a', 'everyone'], eve: [] };

/** A real OpenID provider on loopback, where everybody is let in without being asked. */
export async function startProvider(t: Teardown, redirectUris: string[]): Promise<TestProvider> {
  const server = createServer();
  const port = await listening(server);
  const issuer = `http://127.0.0.1:${port}`;
  const signers = [await signerOf('k1')];
  /** Keys that the provider shows no more: somebody may still have tokens of them. */
  const gone: Signer[] = [];
  let person = 'ada';
  let isDown = false;
  let keysRead = 0;
  const configuration: Configuration = {
    clients: [{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: redirectUris }],
    jwks: { keys: signers.map(({ jwk }) => jwk) },
    cookies: { keys: ['a key of the test'] },
    scopes: ['openid', 'email', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
    ttl: { AccessToken: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, name) => ({
      accountId: name,
      claims: () => ({ sub: name, email: `${name}@example.com`, email_verified: true, groups: GROUPS[name] ?? [] }),
    }),
    loadExistingGrant: consent,
  };
  let provider = new Provider(issuer, configuration);
  let answer = provider.callback();
  server.on('request', (request, response) => {
    if (request.url === '/jwks') keysRead++;
    if (isDown) request.socket.destroy();
    else if (request.url?.startsWith('/interaction/') === true)
      void provider.interactionFinished(request, response, { login: { accountId: person } });
    else void answer(request, response);
  });
  t.teardown(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return {
    issuer,
    signInAs: (name) => (person = name),
    get keysRead() {
      return keysRead;
    },
    setDown: (down) => (isDown = down),
    async rotate(kid, others) {
      const signer = await signerOf(kid);
      if (others === 'go') gone.push(...signers.splice(0));
      signers.unshift(signer);
      // The newest first: the provider signs with that.
      provider = new Provider(issuer, { ...configuration, jwks: { keys: signers.map(({ jwk }) => jwk) } });
      answer = provider.callback();
    },
    token: ({ alg = 'RS256', kid, ...claims }) => {
      const key = [...signers, ...gone].find(({ jwk }) => kid === undefined || jwk.kid === kid) ?? signers[0];
      if (key === undefined) throw new Error('the provider has no key');
      const given = {
        iss: issuer,
        aud: CLIENT_ID,
        sub: 'program',
        exp: Math.floor(Date.now() / 1_000) + 60,
        ...claims,
      };
      const signer = alg === 'RS256' ? key.privateKey : new TextEncoder().encode(JSON.stringify(key.jwk));
      return new SignJWT(given).setProtectedHeader({ alg, kid: key.jwk.kid }).sign(signer);
    },
  };
}

type Signer = Awaited<ReturnType<typeof signerOf>>;

async function signerOf(kid: string) {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(privateKey)), kid, use: 'sig', alg: 'RS256' } };
}

/** Nobody is asked. */
async function consent({ oidc }: KoaContextWithOIDC) {
  const grant = new oidc.provider.Grant({
    accountId: oidc.session?.accountId ?? '',
    clientId: oidc.client?.clientId ?? '',
  });
  grant.addOIDCScope('openid email groups');
  await grant.save();
  return grant;
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

interface Init {
  method?: string;
  headers?: Record<string, string>;
}

/** A browser, as far as a sign-in needs one: cookies by host, and redirects that it follows. */
export class TestBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();

  async get(url: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch(url, { headers });
  }

  async json(url: string): Promise<Body> {
    return (await (await this.get(url)).json()) as Body;
  }

  async fetch(url: string, { method = 'GET', headers = {} }: Init = {}): Promise<Response> {
    const { host } = new URL(url);
    const cookie = [...(this.#cookies.get(host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
    const sent = { ...headers, ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(url, { method, redirect: 'manual', headers: sent });
    for (const line of response.headers.getSetCookie()) this.#take(host, line);
    return response;
  }

  /** Follows redirects until there are none, or until one leads to what `stop` accepts. */
  async follow(
    url: string,
    stop: (url: string) => boolean = () => false,
  ): Promise<{ url: string; response: Response }> {
    for (let at = url; ;) {
      const response = await this.get(at);
      const location = response.headers.get('location');
      if (location === null) return { url: at, response };
      at = new URL(location, at).href;
      if (stop(at)) return { url: at, response };
    }
  }

  cookie(url: string, name: string): string | undefined {
    return this.#cookies.get(new URL(url).host)?.get(name);
  }

  #take(host: string, line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const cookies = this.#cookies.get(host) ?? new Map<string, string>();
    if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
    else cookies.set(name, value);
    this.#cookies.set(host, cookies);
  }
}
