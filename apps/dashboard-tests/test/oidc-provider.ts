import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider, type KoaContextWithOIDC } from 'oidc-provider';
import type { Teardown } from '@drover/testing';

export const CLIENT_ID = 'drover';
export const CLIENT_SECRET = 'the-secret-of-the-client-of-drover';

/** A real OpenID provider on loopback, where everybody is Ada of the group `admins` and is asked nothing. Answers its issuer. */
export async function startProvider(t: Teardown, redirectUri: string): Promise<string> {
  const server = createServer();
  const port = await listening(server);
  const issuer = `http://127.0.0.1:${port}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: [redirectUri] }],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['a key of the test'] },
    scopes: ['openid', 'email', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
    ttl: { AccessToken: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, name) => ({
      accountId: name,
      claims: () => ({ sub: name, email: 'ada@example.com', email_verified: true, groups: ['admins'] }),
    }),
    loadExistingGrant: consent,
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/') === true)
      void provider.interactionFinished(request, response, { login: { accountId: 'ada' } });
    else void answer(request, response);
  });
  t.teardown(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  return issuer;
}

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

/** One that nobody listened at a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  return new Promise((resolve) => void server.close(() => resolve(port)));
}

/** Nobody is asked. */
async function consent({ oidc }: KoaContextWithOIDC) {
  const accountId = oidc.session?.accountId ?? '';
  const grant = new oidc.provider.Grant({ accountId, clientId: oidc.client?.clientId ?? '' });
  grant.addOIDCScope('openid email groups');
  await grant.save();
  return grant;
}
