import { installPackage } from '@drover/embedded';
import { messageOf } from '@drover/runtime';
import { findFakeTime } from './clock.js';
import { runProgram } from './run-program.js';
import { SlowSync } from './slow-sync.js';

/** External programs that some faults need, or why they are missing. */
export interface Tools {
  /** The path of libfaketime. */
  readonly fakeTime: string | undefined;
  readonly clocksMissing: string | undefined;
  readonly straceMissing: string | undefined;
  /** Words before a command, which let the kernel kill it when this process ends; empty: not possible here. */
  readonly endsWithUs: readonly string[];
}

/** Looks for the programs, and installs Debian's packages if this process may. */
export async function provideTools(wanted: { clocks: boolean }): Promise<Tools> {
  const straceMissing = await whyNot(async () => {
    if (!(await works(['strace', '-V']))) await installPackage('strace');
    await SlowSync.tryOut();
  });
  const setpriv = ['setpriv', '--pdeathsig', 'KILL', '--'];
  const endsWithUs = (await works([...setpriv, 'true'])) ? setpriv : [];
  if (!wanted.clocks)
    return { fakeTime: undefined, clocksMissing: 'the run did not ask for it', straceMissing, endsWithUs };
  let fakeTime = await findFakeTime();
  const clocksMissing = await whyNot(async () => {
    if (fakeTime === undefined) await installPackage('faketime');
    fakeTime ??= await findFakeTime();
    if (fakeTime === undefined) throw new Error('libfaketime is not where it is looked for');
  });
  return { fakeTime, clocksMissing, straceMissing, endsWithUs };
}

async function whyNot(attempt: () => Promise<void>): Promise<string | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function works(command: readonly string[]): Promise<boolean> {
  return runProgram(command).then(
    () => true,
    () => false,
  );
}
