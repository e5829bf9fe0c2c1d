import test from 'ava';
import {
  cookieNamed,
  openSession,
  renewed,
  sealSession,
  sessionCookie,
  type BrowserSession,
} from './browser-session.js';
import { seal, type SealKey } from './sealed.js';

const KEY: SealKey = { id: 'k', key: new Uint8Array(32).fill(7) };
const HOUR = 3_600_000;
const at = 1_800_000_000_000;
const session: BrowserSession = { name: 'ada', auth: 'oidc', roles: ['admin'], queues: null, at, seenAt: at };

test('a session lasts twelve hours, or one of silence', (t) => {
  const text = sealSession(session, KEY);
  t.deepEqual(openSession(text, [KEY], at + HOUR - 1), session);
  t.is(openSession(text, [KEY], at + HOUR), null);
  const busy = sealSession({ ...session, seenAt: at + 11.5 * HOUR }, KEY);
  t.truthy(openSession(busy, [KEY], at + 12 * HOUR - 1));
  t.is(openSession(busy, [KEY], at + 12 * HOUR), null);
});

test('it is renewed after five minutes, and keeps its beginning', (t) => {
  t.is(renewed(session, at + 299_999), null);
  t.deepEqual(renewed(session, at + 300_000), { ...session, seenAt: at + 300_000 });
});

test('what is sealed otherwise is no session', (t) => {
  t.is(openSession(seal('login', session, KEY), [KEY], at), null);
  t.is(openSession(seal('session', { ...session, roles: ['god'] }, KEY), [KEY], at), null);
  t.is(openSession(seal('session', { name: 'ada' }, KEY), [KEY], at), null);
});

test('the cookie is for this host, not for scripts, and not for other sites', (t) => {
  t.is(sessionCookie('v', true), '__Host-drover=v; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure');
  t.is(sessionCookie('', false), 'drover=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict');
  t.is(cookieNamed('drover', 'a=b; drover=x.y-z; c'), 'x.y-z');
  for (const header of [undefined, '', 'xdrover=1', 'drover', '=drover'])
    t.is(cookieNamed('drover', header), null, header);
});
