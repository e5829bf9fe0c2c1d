import { readCommandLine } from './command-line.js';
import { SHORT } from './settings.js';
import { simulate } from './simulate.js';
import { traceLine } from './trace.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { from, seeds, trace, keepsGoing, isShort, without } = readCommandLine(process.argv.slice(2), say);
let simulatedMs = 0;
let tasks = 0;
let ran = 0;
const failures: number[] = [];
for (let seed = from; seed < from + seeds; seed++) {
  const outcome = await simulate({
    seed,
    ...(isShort ? { settings: SHORT } : {}),
    ...(without === undefined ? {} : { without }),
    trace: trace ? (atMs, who, text) => say(traceLine(atMs, who, text)) : () => undefined,
  });
  ran++;
  simulatedMs += outcome.simulatedMs;
  tasks += outcome.tasks;
  if (outcome.findings.length > 0) {
    failures.push(seed);
    say(`seed ${seed}: ${outcome.findings.join('\n  ')}`);
    if (!trace)
      say(
        `  replay: npm run simulate -- --seed ${seed} --trace${isShort ? ' --short' : ''}${without === undefined ? '' : ` --without '${without}'`}`,
      );
    if (!keepsGoing) break;
  }
  if (ran % 100 === 0) say(`${ran} seeds, ${Math.round(simulatedMs / 1_000)} simulated seconds`);
}
say(
  `${ran} seeds, ${tasks} tasks, ${Math.round(simulatedMs / 1_000)} simulated seconds: ` +
    (failures.length === 0 ? 'every rule held' : `failed: ${failures.join(' ')}`),
);
process.exitCode = failures.length === 0 ? 0 : 1;
