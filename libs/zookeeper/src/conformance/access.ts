import assert from 'node:assert/strict';
import type { Acl } from '../port.js';
import { breakConnections, failure, text, type Law } from './law.js';

const CREATOR_ONLY: Acl[] = [{ permissions: 31, scheme: 'auth', id: '' }];
const OPEN: Acl[] = [{ permissions: 31, scheme: 'world', id: 'anyone' }];

export const accessLaws: Law[] = [
  {
    name: 'a znode is open to the world unless said otherwise, and its ACL has a version of its own',
    needs: ['acl'],
    async holds(_world, zk) {
      await zk.create('/a');
      const { acl, stat } = await zk.acl('/a');
      assert.deepEqual(acl, OPEN);
      assert.equal(stat.aversion, 0);
      const readOnly: Acl[] = [{ permissions: 17, scheme: 'world', id: 'anyone' }];
      assert.equal((await zk.setAcl('/a', readOnly, 0)).aversion, 1);
      assert.deepEqual((await zk.acl('/a')).acl, readOnly);
      const stale = await failure(zk.setAcl('/a', OPEN, 0), 'BAD_VERSION');
      assert.deepEqual([stale.op, stale.path], ['setAcl', '/a']);
      const denied = await failure(zk.set('/a', 'x'), 'NO_AUTH');
      assert.deepEqual([denied.op, denied.path, denied.outcome], ['set', '/a', 'not-applied']);
      await zk.setAcl('/a', OPEN, 1);
    },
  },
  {
    name: 'only who authenticates as the owner gets in, also after a reconnect',
    needs: ['acl'],
    async holds(world, zk) {
      const stranger = await world.open();
      await zk.create('/secret', 'treasure');
      await zk.authenticate('digest', 'ann:pass');
      await zk.setAcl('/secret', CREATOR_ONLY);
      await stranger.connected();
      await failure(stranger.get('/secret'), 'NO_AUTH');
      const friend = await world.open({ auth: [{ scheme: 'digest', credentials: 'ann:pass' }] });
      assert.equal(text((await friend.get('/secret')).data), 'treasure');
      await stranger.authenticate('digest', 'ann:pass');
      assert.equal(text((await stranger.get('/secret')).data), 'treasure');
      await breakConnections(world, stranger, zk);
      await Promise.all([stranger.connected(), zk.connected()]);
      assert.equal(text((await stranger.get('/secret')).data), 'treasure');
      await zk.setAcl('/secret', OPEN);
    },
  },
  {
    name: 'a znode may be made with an ACL, in a multi too',
    needs: ['acl', 'multi'],
    async holds(_world, zk) {
      await zk.authenticate('digest', 'bob:pass');
      await zk.create('/one', '', { acl: CREATOR_ONLY });
      await zk.multi([{ op: 'create', path: '/two', acl: CREATOR_ONLY }]);
      for (const path of ['/one', '/two']) {
        const { acl } = await zk.acl(path);
        assert.deepEqual([acl[0]?.permissions, acl[0]?.scheme, acl[0]?.id.split(':')[0]], [31, 'digest', 'bob']);
        await zk.setAcl(path, OPEN);
      }
    },
  },
  {
    name: 'a handle can tell who it is, what it holds and how much there is',
    needs: ['introspection'],
    async holds(world, zk) {
      const other = await world.open();
      await zk.create('/p');
      await zk.create('/p/mine', '', { mode: 'ephemeral' });
      await zk.create('/other', '', { mode: 'ephemeral' });
      await other.create('/p/theirs', '', { mode: 'ephemeral' });
      assert.deepEqual(await zk.ephemerals('/p'), ['/p/mine']);
      assert.deepEqual((await zk.ephemerals()).sort(), ['/other', '/p/mine']);
      assert.equal(await zk.countDescendants('/p'), 2);
      assert.equal(await zk.countDescendants('/'), 4);
      await failure(zk.countDescendants('/absent'), 'NO_NODE');
      await zk.authenticate('digest', 'eve:pass');
      const identities = await zk.whoAmI();
      assert.ok(identities.some(({ scheme, id }) => scheme === 'digest' && id.startsWith('eve')));
    },
  },
];
