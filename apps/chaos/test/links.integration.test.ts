import test, { type ExecutionContext } from 'ava';
import type { Direction, Topology } from '../src/system.js';
import { KINDS, startProbe, testObserver, testTopology, untilThere, WHY_NO_NAMESPACES } from './world.js';

/** A home behind a cut link, with a probe in it; the test asks what came through. */
async function behindCut(t: ExecutionContext, kind: Topology['kind'], direction: Direction) {
  const topology = await testTopology(t, { kind, servers: 1 });
  const observer = testObserver(t, topology.servers);
  const home = await topology.home('probe');
  const probe = startProbe(home);
  const { path: ephemeral = '' } = await probe.next('ready');
  await home.cut(direction);
  await observer.create('/from-outside');
  probe.send('/from-inside');
  const tells = (event: string, path: string) =>
    probe.told.all.some((line) => line.event === event && line.path === path);
  return { observer, home, probe, ephemeral, tells };
}

for (const kind of KINDS) {
  test.serial(`${kind}: what a home sends is swallowed, what is sent to it comes, and healing heals`, async (t) => {
    const { observer, home, probe, ephemeral, tells } = await behindCut(t, kind, 'to');
    await probe.told.first(({ event, path }) => event === 'event' && path === '/from-outside');
    // The server has heard nothing for a whole session timeout.
    await untilThere(observer, ephemeral, false);
    t.is(await observer.exists('/from-inside'), null);
    t.false(tells('created', '/from-inside'));
    await home.heal();
    t.not((await probe.next('ready', probe.told.all.length)).path, ephemeral);
  });

  test.serial(`${kind}: what is sent to a home is swallowed, what it sends comes, and healing heals`, async (t) => {
    const { observer, home, probe, tells } = await behindCut(t, kind, 'from');
    await untilThere(observer, '/from-inside', true);
    await probe.next('session.suspended');
    t.false(tells('event', '/from-outside'));
    t.false(tells('created', '/from-inside'));
    const before = probe.told.all.length;
    await home.heal();
    await probe.next('session.connected', before);
  });

  test.serial(`${kind}: cut both ways nothing comes through, and healing heals`, async (t) => {
    const { observer, home, probe, ephemeral, tells } = await behindCut(t, kind, 'both');
    await probe.next('session.suspended');
    await untilThere(observer, ephemeral, false);
    t.is(await observer.exists('/from-inside'), null);
    t.false(tells('event', '/from-outside'));
    const before = probe.told.all.length;
    await home.heal();
    await probe.next('session.connected', before);
  });

  test.serial(`${kind}: who is cut off from all servers but one works with that one`, async (t) => {
    const topology = await testTopology(t, { kind });
    const home = await topology.home('probe');
    await home.cut('both', 1);
    await home.cut('both', 3);
    const probe = startProbe(home);
    t.regex((await probe.next('ready')).path!, /^\/probe-/);
  });

  test.serial(
    `${kind}: a leader that is cut off from the other servers is replaced, and comes back as a follower`,
    async (t) => {
      const topology = await testTopology(t, { kind });
      const states = await Promise.all(topology.servers.map((server) => server.state()));
      const old = topology.servers[states.indexOf('leader')]!;
      const others = topology.servers.filter((server) => server !== old);
      const observer = testObserver(t, others);
      await observer.create('/before');
      for (const other of others) await topology.cutServers(old.number, other.number, 'both');
      // No majority has it until there is another leader; what the old one was asked in between is lost.
      for (let written = false; !written;) {
        await observer.connected();
        written = await observer.create('/after').then(
          () => true,
          () => false,
        );
      }
      t.true((await Promise.all(others.map((server) => server.state()))).includes('leader'));
      await topology.healServers();
      const late = testObserver(t, [old]);
      t.not(await late.exists('/after'), null);
      t.is(await old.state(), 'follower');
    },
  );
}

if (WHY_NO_NAMESPACES !== undefined)
  test.serial('where namespaces are not allowed, asking for them says why, and not asking gives proxies', async (t) => {
    const error = await t.throwsAsync(testTopology(t, { kind: 'namespaces', servers: 1 }));
    t.regex(error.message, /namespace|unshare|not permitted/i);
    t.is((await testTopology(t, { servers: 1 })).kind, 'proxies');
  });
