/** Starts a topology with a process in a home, says so, and waits to be killed. Arguments: kind, folder. */
import type { Topology } from '../src/system.js';
import { startTopology } from '../src/topology/topology.js';

const [kind, folder = ''] = process.argv.slice(2);
const topology = await startTopology({ kind: kind as Topology['kind'], folder, servers: 1, tickMs: 200, heapMb: 256 });
const home = await topology.home('sleeper');
home.spawn('sleep', ['1000'], { stdio: 'ignore' }).once('spawn', () => process.send?.('ready'));
process.once('message', () => void topology.close().then(() => process.send?.('closed')));
