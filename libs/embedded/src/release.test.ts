import test from 'ava';
import { releaseFor, sha512In } from './release.js';

const DIGEST = '0123456789abcdef'.repeat(8);

test('the pinned release: from the content network or the archive, its checksum only from Apache itself', (t) => {
  const { name, addresses } = releaseFor(undefined);
  t.regex(name, /^apache-zookeeper-3\.9\.\d+-bin$/);
  t.true(addresses.length > 0);
  for (const { checksum, checksumRequired, archive } of addresses) {
    t.true(checksumRequired);
    t.regex(checksum, /^https:\/\/(downloads|archive)\.apache\.org\//);
    t.true(checksum.endsWith(`${name}.tar.gz.sha512`));
    t.true(archive.endsWith(`${name}.tar.gz`));
  }
});

test('an address of the user needs a checksum beside it, a file of the user does not', (t) => {
  t.deepEqual(releaseFor('http://mirror.example/a/zk-3.9.9.tgz'), {
    name: 'zk-3.9.9',
    addresses: [
      {
        archive: 'http://mirror.example/a/zk-3.9.9.tgz',
        checksum: 'http://mirror.example/a/zk-3.9.9.tgz.sha512',
        checksumRequired: true,
      },
    ],
  });
  const local = { archive: '/srv/my zk.tar.gz', checksum: '/srv/my zk.tar.gz.sha512', checksumRequired: false };
  t.deepEqual(releaseFor('/srv/my zk.tar.gz'), { name: 'my zk', addresses: [local] });
  t.deepEqual(releaseFor('file:///srv/my%20zk.tar.gz'), { name: 'my zk', addresses: [local] });
});

test('a checksum is 128 hex digits wherever they stand', (t) => {
  t.is(sha512In(`${DIGEST}  apache-zookeeper-3.9.4-bin.tar.gz\n`), DIGEST);
  t.is(sha512In(`SHA512 (a.tar.gz) = ${DIGEST.toUpperCase()}`), DIGEST);
  t.is(sha512In(DIGEST.slice(1)), undefined);
  t.is(sha512In(`${DIGEST}0`), undefined);
  t.is(sha512In('<html>not found</html>'), undefined);
});
