import { readCommandLine, type CommandLine } from './command-line.js';
import { runInJobs, type Order } from './jobs.js';
import { simulate, type Outcome } from './simulate.js';
import { traceLine } from './trace.js';

const REPORT_EVERY = 500;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Counts of the runs so far, printed as they end. */
class Tally {
  readonly #line: CommandLine;
  readonly #sum = { seeds: 0, tasks: 0, faults: 0, simulatedMs: 0 };
  readonly failures: number[] = [];

  constructor(line: CommandLine) {
    this.#line = line;
  }

  /** False: enough. */
  add({ seed, findings, tasks, faults, simulatedMs }: Outcome): boolean {
    const sum = this.#sum;
    sum.seeds++;
    sum.tasks += tasks;
    sum.faults += faults;
    sum.simulatedMs += simulatedMs;
    if (findings.length > 0) this.#failed(seed, findings);
    if (sum.seeds % REPORT_EVERY === 0) say(this.text());
    return findings.length === 0 || this.#line.keepsGoing;
  }

  text(): string {
    const { seeds, tasks, faults, simulatedMs } = this.#sum;
    return `${seeds} seeds, ${tasks} tasks, ${faults} faults, ${Math.round(simulatedMs / 1_000)} simulated seconds`;
  }

  #failed(seed: number, findings: readonly string[]): void {
    const { without, having, trace } = this.#line;
    this.failures.push(seed);
    say(`seed ${seed}: ${findings.join('\n  ')}`);
    const kind = having === undefined ? '' : ` --with ${having}`;
    const ablation = without === undefined ? '' : ` --without '${without}'`;
    if (!trace) say(`  replay: npm run simulate -- --seed ${seed} --trace${kind}${ablation}`);
  }
}

function* ordersOf({ from, seeds, without, having }: CommandLine): Generator<Order, undefined> {
  const kind = {
    ...(having === 'schedules' && { hasSchedules: true }),
    ...(having === 'limits' && { hasLimits: true }),
    ...(having === 'flows' && { hasFlows: true }),
    ...(having === 'placement' && { hasPlacement: true }),
  };
  for (let seed = from; seed < from + seeds; seed++)
    yield { seed, ...kind, ...(without === undefined ? {} : { without }) };
  return undefined;
}

/** With a trace the worlds run in this process. */
async function runHere(line: CommandLine, ended: (outcome: Outcome) => boolean): Promise<void> {
  const trace = (atMs: number, who: string, text: string): void => say(traceLine(atMs, who, text));
  for (const order of ordersOf(line))
    if (!ended(await simulate({ ...order, ...(line.trace ? { trace } : {}) }))) return;
}

const line = readCommandLine(process.argv.slice(2), say);
const tally = new Tally(line);
const ended = (outcome: Outcome): boolean => tally.add(outcome);
if (line.trace || line.jobs === 1 || line.seeds === 1) await runHere(line, ended);
else await runInJobs({ orders: ordersOf(line), jobs: Math.min(line.jobs, line.seeds), ended });
say(`${tally.text()}: ${tally.failures.length === 0 ? 'every rule held' : `failed: ${tally.failures.join(' ')}`}`);
process.exitCode = tally.failures.length === 0 ? 0 : 1;
