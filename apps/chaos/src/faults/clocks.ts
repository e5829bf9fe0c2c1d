import type { Fault } from '../system.js';
import { onMember } from './on-member.js';
import { pick } from './pick.js';

const HOUR_MS = 3_600_000;
const JUMPS_MS = [-24 * HOUR_MS, -60_000, -2_000, 2_000, 60_000, 24 * HOUR_MS];

/** The wall clock of one process leaves the others'; its monotonic clock does not. Nobody may lose anything by it. */
export const clockJump: Fault = onMember({
  name: 'jump-clock',
  whom: 'any',
  needs: 'clocks',
  what: 'its wall clock jumps, and later back',
  endsSession: false,
  async strike({ home }, _system, random) {
    await home.clock?.jump(pick(JUMPS_MS, random) ?? 0);
  },
  async heal({ home }) {
    await home.clock?.jump(0);
  },
});
