import type { Write } from '../history.js';
import type { TaskRule } from './rule.js';

export const fencedResource: TaskRule = {
  name: 'the resource takes no older token',
  says: 'tokens that it accepts never sink and are of attempts that began; it refuses only older ones',
  needs: ['resource'],
  nothing: 'nothing was written to the resource',
  judge({ writes, effects }) {
    if (writes.length === 0) return 'unconcerned';
    const begun = new Set(effects.filter(({ type }) => type === 'start').map(({ token }) => BigInt(token)));
    let newest = -1n;
    for (const write of writes) {
      const what = fault(write, newest, begun);
      if (what !== undefined) return { at: write.at, what };
      if (write.accepted) newest = BigInt(write.token);
    }
    return 'held';
  },
};

function fault(write: Write, newest: bigint, begun: ReadonlySet<bigint>): string | undefined {
  const token = BigInt(write.token);
  if (!write.accepted) return token < newest ? undefined : `token ${token} was refused, and no newer one was accepted`;
  if (token < newest) return `token ${token} was accepted after token ${newest}`;
  return begun.has(token) ? undefined : `token ${token} was accepted, and no attempt began with it`;
}
