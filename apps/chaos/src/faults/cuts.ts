import type { Direction, Fault } from '../system.js';
import { onMember } from './on-member.js';
import { freeServers, leadingServer, onServers } from './on-servers.js';
import { pick, type Whom } from './pick.js';

const WHOM = ['leader', 'follower', 'worker', 'client'] as const satisfies readonly Whom[];
const WAYS: readonly { direction: Direction; suffix: string; what: string }[] = [
  { direction: 'both', suffix: '', what: 'black hole both ways' },
  { direction: 'to', suffix: '-to', what: 'black hole for what it sends' },
  { direction: 'from', suffix: '-from', what: 'black hole for what is sent to it' },
];

/** One member cut off from every server. */
const memberCuts = WHOM.flatMap((whom) =>
  WAYS.map(({ direction, suffix, what }) =>
    onMember({
      name: `cut-${whom}${suffix}`,
      whom,
      what: `${what}, towards all of ZooKeeper`,
      strike: (member) => member.home.cut(direction),
      heal: (member) => member.home.heal(),
    }),
  ),
);

/** A member cut off from one server only: it must find another one. */
const cutFromOne = onMember({
  name: 'cut-one-server',
  whom: 'any',
  what: 'black hole both ways, towards one server',
  strike: (member, { topology }, random) => member.home.cut('both', pick(topology.servers, random)?.number),
  heal: (member) => member.home.heal(),
});

/** ZooKeeper's leader cut off from the other servers, while members still reach it. */
const leaderCuts = WAYS.map(({ direction, suffix, what }) =>
  onServers({
    name: `cut-zookeeper-leader${suffix}`,
    what: `${what}, towards the other servers`,
    choose: leadingServer,
    // Healing heals every link between servers.
    takesAll: true,
    async strike([leader], { topology }) {
      for (const other of topology.servers)
        if (leader !== undefined && other !== leader) await topology.cutServers(leader.number, other.number, direction);
      return () => topology.healServers();
    },
  }),
);

/** ZooKeeper's leader and one follower cannot hear each other, while the third server hears both. */
const pairCut = onServers({
  name: 'cut-zookeeper-pair',
  what: 'black hole both ways, between the two',
  takesAll: true,
  async choose(system, random) {
    const leader = await leadingServer(system);
    const others = freeServers(system).filter((server) => !leader.includes(server));
    const other = pick(others, random);
    return leader.length === 0 || other === undefined ? [] : [...leader, other];
  },
  async strike([leader, other], { topology }) {
    if (leader !== undefined && other !== undefined) await topology.cutServers(leader.number, other.number, 'both');
    return () => topology.healServers();
  },
});

export const cuts: readonly Fault[] = [...memberCuts, cutFromOne, ...leaderCuts, pairCut];
