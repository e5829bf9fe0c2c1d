import { inBackground, uncaught } from '@drover/runtime';
import { childReady, childSettings } from '../child.js';
import type { ConnectionFlags } from '../ensemble-connection.js';
import { BareConnection, type BareOperation } from './bare-connection.js';

/** The leader and the worker of the ceiling: what they must do and no more. */
interface Settings {
  role: 'leader' | 'worker';
  server: string;
  connection: ConnectionFlags;
  root: string;
}
const SLICE = 250;
const OPERATIONS = 400;
const IN_FLIGHT = 4;

const { role, server, connection, root } = childSettings<Settings>();
const zk = await BareConnection.open(server, connection);
await (role === 'leader' ? lead() : work());
childReady();

/** Gathers what one turn brought into few requests, some of them in flight. */
function gatherer(send: (operations: BareOperation[]) => Promise<void>): (operations: BareOperation[]) => void {
  const gathered: BareOperation[] = [];
  let inFlight = 0;
  let queued = false;
  const flush = async (): Promise<void> => {
    queued = false;
    if (inFlight >= IN_FLIGHT) return;
    inFlight++;
    while (gathered.length > 0) await send(gathered.splice(0, OPERATIONS));
    inFlight--;
  };
  return (operations) => {
    gathered.push(...operations);
    if (!queued) setImmediate(() => inBackground(flush(), uncaught));
    queued = true;
  };
}

async function lead(): Promise<void> {
  const version = await zk.set(`${root}/epoch`, 'leader');
  const write = gatherer((operations) => zk.multi([{ op: 'check', path: `${root}/epoch`, version }, ...operations]));
  const left = new Map<string, number>();
  const run = Date.now().toString(36);
  let n = 0;
  const assign = (batch: string, tasks: number): void => {
    left.set(batch, tasks);
    const slices = Array.from({ length: Math.ceil(tasks / SLICE) }, (_, k): BareOperation => {
      const pointer = { batch, from: k * SLICE, to: Math.min(tasks, (k + 1) * SLICE) };
      return { op: 'create', path: `${root}/assignments/w/${run}-${n++}`, data: JSON.stringify(pointer) };
    });
    write(slices);
  };
  const count = (batch: string, tasks: number): void => {
    const rest = (left.get(batch) ?? 0) - tasks;
    left.set(batch, rest);
    if (rest > 0) return;
    left.delete(batch);
    write([{ op: 'set', path: batch, data: '{"finished":true}' }]);
  };
  const created = async (path: string): Promise<void> => {
    const [, , bucket, batch, result] = path.slice(root.length).split('/');
    if (batch === undefined) return;
    const text = (await zk.get(path)).toString();
    const header = JSON.parse(text.slice(0, text.indexOf('\n'))) as { tasks: number };
    if (result === undefined) assign(path, header.tasks);
    else count(`${root}/tasks/${bucket ?? ''}/${batch}`, header.tasks);
  };
  zk.onCreated = (path) => inBackground(created(path), uncaught);
  await zk.watch(`${root}/tasks`);
}

async function work(): Promise<void> {
  const report = gatherer((operations) => zk.multi(operations));
  const batches = new Map<string, Promise<string[]>>();
  const linesOf = (batch: string): Promise<string[]> => {
    const lines = batches.get(batch) ?? zk.get(batch).then((data) => data.toString().split('\n'));
    batches.set(batch, lines);
    const [oldest] = batches.keys();
    if (batches.size > 200 && oldest !== undefined) batches.delete(oldest);
    return lines;
  };
  const created = async (path: string): Promise<void> => {
    const { batch, from, to } = JSON.parse((await zk.get(path)).toString()) as {
      batch: string;
      from: number;
      to: number;
    };
    const lines = await linesOf(batch);
    const results = lines.slice(from + 1, to + 1).map((line) => {
      const { i } = JSON.parse(line) as { i: number };
      return JSON.stringify({ result: i, ms: 0 });
    });
    const name = path.slice(path.lastIndexOf('/') + 1);
    const data = [JSON.stringify({ tasks: to - from }), ...results].join('\n');
    report([
      { op: 'delete', path },
      { op: 'create', path: `${batch}/${name}`, data },
    ]);
  };
  zk.onCreated = (path) => inBackground(created(path), uncaught);
  await zk.watch(`${root}/assignments/w`);
}
