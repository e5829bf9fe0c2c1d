import { run } from './run.js';

// The program itself: everything below takes what it needs as arguments.
process.exitCode = await run(process.argv.slice(2), process);
