import {
  callerOf,
  cookieNamed,
  hostOf,
  isProvenBody,
  isReplicaProof,
  localPath,
  openSession,
  Proxies,
  replicaProof,
  sealSession,
  splitAltNames,
  TokenStore,
  type BrowserSession,
  type SealKey,
} from '@drover/api-server/internal/reading';
import { formatToken, hashToken } from '@drover/protocol';
import fc from 'fast-check';
import { damaged, garbageFor, utf8 } from '../mutations.js';
import type { Target } from '../target.js';

const NOW = 1_800_000_000_000;
const KEY: SealKey = { id: 'k1', key: new Uint8Array(32).fill(7) };
const decoder = new TextDecoder();
const textLike = (good: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    damaged(fc.constant(utf8(good))).map((bytes) => decoder.decode(bytes)),
  );

/** Nothing but the whole token, cookie or proof opens anything, whatever stands in its place. */
export function accessTargets(): Target[] {
  return [
    { name: 'tokens', share: 1, property: fc.property(textLike(TOKEN), checkToken) },
    { name: 'cookies of sessions', share: 0.5, property: fc.property(textLike(COOKIE), checkCookie) },
    { name: 'proofs of replicas', share: 0.5, property: fc.property(textLike(PROOF), checkProof) },
    { name: 'claims', share: 1, property: fc.property(garbageFor(fc.constant(CLAIMS)), checkClaims) },
    { name: 'headers of callers', share: 1, property: fc.property(textLike(HEADER), checkHeaders) },
  ];
}

const TOKEN = formatToken('abcdefghij', 'A'.repeat(43));
const tokens = new TokenStore();
tokens.setStored(
  new Map([
    ['abcdefghij', { v: 1 as const, name: 'ci', sha256: hashToken(TOKEN), roles: ['admin' as const], createdAt: 0 }],
  ]),
);

function checkToken(text: string): void {
  const isTaken = typeof tokens.check(text, NOW) !== 'string';
  if (isTaken !== (text === TOKEN)) throw new Error(`${text} was ${isTaken ? 'taken' : 'refused'}`);
}

const SESSION: BrowserSession = { name: 'ada', auth: 'oidc', roles: ['viewer'], queues: null, at: NOW, seenAt: NOW };
const COOKIE = sealSession(SESSION, KEY);

function checkCookie(text: string): void {
  const found = openSession(text, [KEY], NOW);
  if (found !== null && JSON.stringify(found) !== JSON.stringify(SESSION))
    throw new Error(`${text} opened another session`);
}

const ASKED = { method: 'POST', url: '/internal/ask', body: '{}' };
const PROOF = replicaProof(ASKED, NOW, KEY);

function checkProof(text: string): void {
  if (isReplicaProof(text, ASKED, [KEY], NOW) && text !== PROOF) throw new Error(`${text} was taken`);
  isProvenBody(text, text);
}

const CLAIMS = '{"sub":"ada","email":"ada@example.com","groups":["admins","x"],"realm_access":{"roles":["admins"]}}';
const config = (claim: string): Parameters<typeof callerOf>[1] => ({
  ...{ issuer: '', clientId: '', clientSecret: null, audience: '', scopes: [], algorithms: [], claim },
  roles: { admins: { roles: ['admin'], queues: null } },
});

function checkClaims(data: Uint8Array): void {
  let claims: unknown;
  try {
    claims = JSON.parse(decoder.decode(data));
  } catch {
    return;
  }
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return;
  for (const claim of ['groups', 'realm_access.roles', '__proto__', 'constructor.name']) {
    const caller = callerOf(claims as Record<string, unknown>, config(claim));
    if (caller !== null && (typeof caller.name !== 'string' || caller.name.length > 128))
      throw new Error('a name that is none');
  }
}

const HEADER =
  'DNS:a.example.com, URI:"http://a/, DNS:evil", IP Address:10.0.0.1; drover=k1.AAAA; [::1]:7373, 10.1.0.1';
const proxies = new Proxies({ from: ['10.0.0.0/8'], secret: 'the-secret-of-the-proxy', roles: {} });

function checkHeaders(text: string): void {
  splitAltNames(text);
  cookieNamed('drover', text);
  hostOf(text);
  proxies.clientOf('10.0.0.1', { 'x-forwarded-for': text });
  if (proxies.userOf('10.0.0.1', { 'x-forwarded-user': 'ada', 'drover-proxy-secret': text }) !== null)
    throw new Error(`${text} is no secret`);
  const path = localPath(text, '/ui/');
  if (new URL(path, 'http://here.example').origin !== 'http://here.example') throw new Error(`${path} leads away`);
}
