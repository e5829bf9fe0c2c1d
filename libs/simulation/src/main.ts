import { readCommandLine } from './command-line.js';
import { simulate } from './simulate.js';
import { traceLine } from './trace.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { from, seeds, trace, keepsGoing } = readCommandLine(process.argv.slice(2), say);
let simulatedMs = 0;
let tasks = 0;
const failures: number[] = [];
for (let seed = from; seed < from + seeds; seed++) {
  const outcome = await simulate({
    seed,
    trace: trace ? (atMs, who, text) => say(traceLine(atMs, who, text)) : () => undefined,
  });
  simulatedMs += outcome.simulatedMs;
  tasks += outcome.tasks;
  if (outcome.findings.length > 0) {
    failures.push(seed);
    say(`seed ${seed}: ${outcome.findings.join('\n  ')}`);
    if (!trace) say(`  replay: npm run simulate -- --seed ${seed} --trace`);
    if (!keepsGoing) break;
  }
  if ((seed - from + 1) % 100 === 0)
    say(`${seed - from + 1} seeds, ${Math.round(simulatedMs / 1_000)} simulated seconds`);
}
say(
  `${seeds} seeds, ${tasks} tasks, ${Math.round(simulatedMs / 1_000)} simulated seconds: ` +
    (failures.length === 0 ? 'every rule held' : `failed: ${failures.join(' ')}`),
);
process.exitCode = failures.length === 0 ? 0 : 1;
