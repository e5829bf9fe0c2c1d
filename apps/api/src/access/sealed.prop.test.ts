import { fc, testProp } from '@fast-check/ava';
import { open, seal, type SealKey } from './sealed.js';
import { isProvenBody, isReplicaProof, replicaProof } from './replica-proof.js';

const keyOf = (id: string, fill: number): SealKey => ({ id, key: new Uint8Array(32).fill(fill) });
const [OLD, NEW, STRANGE] = [keyOf('old', 1), keyOf('new', 2), keyOf('new', 3)];

testProp('what is sealed is opened by those who have the key, for the same purpose', [fc.jsonValue()], (t, value) => {
  const plain: unknown = JSON.parse(JSON.stringify(value));
  const text = seal('session', plain, OLD);
  t.deepEqual(open('session', text, [NEW, OLD]), plain);
  t.is(open('login', text, [NEW, OLD]), null);
  t.is(open('session', text, [NEW]), null);
  t.is(open('session', seal('session', plain, NEW), [STRANGE]), null);
});

testProp('a changed seal is none', [fc.nat(), fc.constantFrom(...'AZaz09-_.'.split(''))], (t, at, letter) => {
  const text = seal('session', { name: 'ada' }, OLD);
  const index = at % text.length;
  const changed = text.slice(0, index) + letter + text.slice(index + 1);
  const same =
    changed === text || Buffer.from(changed.slice(4), 'base64url').equals(Buffer.from(text.slice(4), 'base64url'));
  t.deepEqual(open('session', changed, [OLD]), same && changed.startsWith('old.') ? { name: 'ada' } : null);
});

testProp('garbage opens nothing', [fc.string({ unit: 'binary' })], (t, text) => {
  t.is(open('session', text, [OLD]), null);
  t.is(open('session', `old.${text}`, [OLD]), null);
  t.false(isReplicaProof(text, { method: 'GET', url: '/' }, [OLD], 0));
});

testProp(
  'a proof is good for its method, path and body, for half a minute',
  [fc.integer({ min: -90_000, max: 90_000 }), fc.string()],
  (t, lateMs, body) => {
    const now = 1_800_000_000_000;
    const asked = { method: 'POST', url: '/internal/ask', body };
    const proof = replicaProof(asked, now, OLD);
    t.is(isReplicaProof(proof, asked, [NEW, OLD], now + lateMs), Math.abs(lateMs) <= 30_000);
    t.false(isReplicaProof(proof, { ...asked, method: 'GET' }, [OLD], now));
    t.false(isReplicaProof(proof, { ...asked, url: '/internal/follow' }, [OLD], now));
    t.false(isReplicaProof(proof, asked, [NEW], now));
    t.true(isProvenBody(proof, body));
    t.false(isProvenBody(proof, `${body}x`));
    const other = replicaProof({ ...asked, body: `${body}x` }, now, NEW).split('.')[2] ?? '';
    const swapped = proof
      .split('.')
      .map((part, i) => (i === 2 ? other : part))
      .join('.');
    t.false(isReplicaProof(swapped, asked, [OLD], now), 'the hash of the body is signed');
  },
);
