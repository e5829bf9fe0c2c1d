import { decodeRecord, parseResultName, parseTasksPath, ROOTS } from '@drover/protocol';
import type { Findings } from './findings.js';
import type { ZnodeChange, ZnodeWrite } from './znode-change.js';

/** Epochs only grow; what only a leader may write is fenced, and written in one epoch by one session only. */
export class LeaderRules {
  readonly #findings: Findings;
  #epoch = 0;
  #version = -1;
  /** That won the epoch. */
  #winner = 0n;

  /** Both assignments are of one task, and name each other. */
  readonly #areRivals: (assignment: string, other: string) => boolean;

  constructor(findings: Findings, areRivals: (assignment: string, other: string) => boolean) {
    this.#findings = findings;
    this.#areRivals = areRivals;
  }

  get epoch(): number {
    return this.#epoch;
  }

  see(change: ZnodeChange): void {
    if (change.isSessionEnd) return;
    const won = change.writes.find(({ op, path }) => path === ROOTS.epoch && (op === 'create' || op === 'set'));
    if (won !== undefined) {
      this.#won(won, change);
      return;
    }
    const led = change.writes.find((write) => isLeaders(write, change.sessionId) && !this.#hasOutrun(write, change));
    if (led !== undefined) this.#led(led, change);
  }

  /** A worker ends the other attempt at its task with its own, when it reports that its own has succeeded. */
  #hasOutrun({ op, path }: ZnodeWrite, { writes, sessionId }: ZnodeChange): boolean {
    if (op !== 'delete' || !path.startsWith(`${ROOTS.assignments}/`)) return false;
    const own = writes.find((write) => write.op === 'delete' && isOwnId(write.path.split('/')[2] ?? '', sessionId));
    return own !== undefined && this.#areRivals(own.path, path);
  }

  #won(write: ZnodeWrite, { sessionId, writes }: ZnodeChange): void {
    if (write.op !== 'create' && write.op !== 'set') return;
    const { epoch } = decodeRecord('epoch', write.path, write.data);
    this.#findings.expect(epoch > this.#epoch, () => `epoch ${epoch} was won after epoch ${this.#epoch}`);
    const isOwner = writes.some(({ op, path }) => path === ROOTS.leader && (op === 'create' || op === 'set'));
    this.#findings.expect(isOwner, () => `epoch ${epoch} was won without /leader`);
    this.#epoch = epoch;
    this.#version++;
    this.#winner = sessionId;
  }

  #led({ op, path }: ZnodeWrite, { sessionId, writes }: ZnodeChange): void {
    const [fence] = writes;
    const isFenced = fence?.op === 'check' && fence.path === ROOTS.epoch && fence.version === this.#version;
    this.#findings.expect(isFenced, () => `a leader's write is not fenced: ${op} ${path}`);
    const isWinner = sessionId === this.#winner;
    this.#findings.expect(isWinner, () => `two sessions wrote as the leader of epoch ${this.#epoch}: ${op} ${path}`);
  }
}

/** Whether only a leader may do this. */
function isLeaders({ op, path }: ZnodeWrite, sessionId: bigint): boolean {
  const parts = path.split('/');
  switch (`/${parts[1] ?? ''}`) {
    case ROOTS.assignments:
      if (op === 'check' || parts.length < 3) return false;
      return op === 'set' || !isOwnId(parts[2] ?? '', sessionId) || (op === 'create' && parts.length === 4);
    case ROOTS.tasks:
      return op !== 'check' && isLeadersTask(op, path);
    case ROOTS.intake:
    case ROOTS.status:
      return true;
    case ROOTS.limits:
    case ROOTS.queues:
      return parts.length > 2;
    case ROOTS.flows:
    case ROOTS.broadcasts:
      return op !== 'check' && (op !== 'create' || parts.length > 4);
    case ROOTS.commands:
      return op === 'set';
    case ROOTS.keys:
      return op === 'delete';
    default:
      return false;
  }
}

function isLeadersTask(op: 'create' | 'set' | 'delete', path: string): boolean {
  const at = parseTasksPath(path);
  if (at === null) return false;
  if (at.result === null) return op !== 'create';
  return op !== 'create' || parseResultName(at.result)?.part === 'end';
}

/** The worker's id ends with its session's. */
export function isOwnId(worker: string, sessionId: bigint): boolean {
  return worker.endsWith(`-${BigInt.asUintN(64, sessionId).toString(36)}`);
}
