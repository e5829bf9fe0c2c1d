/** Starts a topology with a process in a home, says so, and waits to be killed. Arguments: kind, folder. */
import { SHORT_LIVED_JVM } from '@drover/embedded';
import type { Topology } from '../src/system.js';
import { startTopology } from '../src/topology/topology.js';

const [kind, folder = ''] = process.argv.slice(2);
const small = { servers: 1, tickMs: 200, heapMb: 256, javaArguments: SHORT_LIVED_JVM };
const topology = await startTopology({ kind: kind as Topology['kind'], folder, ...small });
const home = await topology.home('sleeper');
home.spawn('sleep', ['1000'], { stdio: 'ignore' }).once('spawn', () => process.send?.('ready'));
process.once('message', () => void topology.close().then(() => process.send?.('closed')));
