import type { FaultLine } from '@drover/verify';
import type { Journal } from '../journal.js';
import type { MemberProcess } from '../members/member-process.js';
import type { Member, System, Timings, Told, Topology } from '../system.js';
import { monotonicMs } from '../time.js';

/** The system under test as faults see it, and the writer of their history. */
export class RunningSystem implements System {
  readonly topology: Topology;
  readonly members: readonly MemberProcess[];
  readonly timings: Timings;
  readonly #faults: Journal<FaultLine>;
  readonly #leader: () => string | undefined;
  #told = 0;

  /** `leader` returns the name of the scheduler that was last seen to lead. */
  constructor(
    topology: Topology,
    members: readonly MemberProcess[],
    timings: Timings,
    faults: Journal<FaultLine>,
    leader: () => string | undefined,
  ) {
    this.topology = topology;
    this.members = members;
    this.timings = timings;
    this.#faults = faults;
    this.#leader = leader;
  }

  leader(): Member | undefined {
    const name = this.#leader();
    return this.members.find((member) => member.name === name && member.role === 'scheduler');
  }

  take(fault: string, members: readonly Member[]): () => void {
    const taken = this.members.filter((member) => members.includes(member));
    for (const member of taken) {
      if (member.heldBy !== undefined) throw new Error(`${fault}: ${member.name} is held by ${member.heldBy}`);
      member.heldBy = fault;
    }
    return () => {
      for (const member of taken) member.heldBy = undefined;
    };
  }

  tell(told: Told): () => void {
    const n = this.#told++;
    this.#faults.write({ at: monotonicMs(), type: 'begin', n, ...told });
    return () => {
      this.#faults.write({ at: monotonicMs(), type: 'end', n, fault: told.fault, target: told.target });
    };
  }
}
