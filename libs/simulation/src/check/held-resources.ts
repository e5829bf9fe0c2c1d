import { isDevice, satisfies, type Amounts, type Where } from '@drover/core';
import type { Call } from '@drover/worker';
import type { Findings } from './findings.js';
import type { Beginning } from './handler-rules.js';

/** The demand of a task. */
export interface TaskNeeds {
  /** `slots` included. */
  readonly demand: Amounts;
  readonly where: Where;
}
export type Needs = (call: Pick<Call, 'task' | 'attempt'>) => TaskNeeds | null;

const UNIT = 1_000;

/**
 * The law of the worker, by what its handlers see, whoever leads: all that run need no more than it has, no device has more
 * than one, and its labels are such as the task asks for.
 */
export function checkHeld(findings: Findings, call: Call, beginning: Beginning, needs: Needs): void {
  const { worker, calls, capacity, declared } = beginning;
  const now = declared?.at(-1);
  if (declared === null || now === undefined) return;
  const has: Record<string, number> = { ...now.resources, slots: capacity * UNIT };
  const sum = new Map<string, number>();
  for (const each of calls)
    for (const [name, amount] of Object.entries(needs(each)?.demand ?? { slots: UNIT }))
      sum.set(name, (sum.get(name) ?? 0) + amount);
  for (const [name, needed] of sum) {
    const most = Math.floor((has[name] ?? 0) * (now.overcommit[name] ?? 1));
    findings.expect(
      needed <= most || (needs(call)?.demand ?? { slots: UNIT })[name] === undefined,
      () => `${worker} began task ${call.task}: what runs needs ${name}=${needed}, it has ${most}`,
    );
  }
  checkDevices(findings, call, beginning, needs);
  const { where = [] } = needs(call) ?? {};
  const meets = declared.some(({ labels, pool, host }) => satisfies(where, { ...labels, name: worker, host, pool }));
  findings.expect(
    meets,
    () => `${worker} began task ${call.task}, and its labels do not meet ${JSON.stringify(where)}`,
  );
}

function checkDevices(findings: Findings, call: Call, { worker, calls, declared }: Beginning, needs: Needs): void {
  const held = new Map<string, number>();
  for (const each of calls) {
    const demand = needs(each)?.demand ?? {};
    for (const [resource, names] of Object.entries(each.devices ?? {}))
      for (const name of names) {
        const key = `${resource}/${name}`;
        held.set(key, (held.get(key) ?? 0) + Math.min(UNIT, demand[resource] ?? 0));
      }
  }
  for (const [device, amount] of held)
    findings.expect(amount <= UNIT, () => `${worker} began task ${call.task}: ${device} has ${amount} thousandths`);
  for (const [resource, amount] of Object.entries(needs(call)?.demand ?? {})) {
    if (!isDevice(resource) || amount === 0) continue;
    const names = call.devices?.[resource] ?? [];
    const there = declared?.at(-1)?.devices[resource] ?? [];
    const isWhole = names.length === Math.max(1, amount / UNIT) && new Set(names).size === names.length;
    findings.expect(
      isWhole && names.every((name) => there.includes(name)),
      () => `${worker} began task ${call.task}, which needs ${resource}=${amount}, with '${names.join(', ')}'`,
    );
  }
}
