import { DEFAULT_TASK_OPTIONS, type TaskOptions } from '@drover/core';
import { planText, type After, type Plan } from '@drover/flow';
import {
  batchPath,
  decodeBatchHeader,
  decodeFlowHeader,
  decodeNotes,
  encodeBatch,
  encodeFlow,
  encodeRecord,
  flowKeyQueue,
  flowPath,
  FLOWS,
  keyPath,
  notePath,
  planHash,
  planPath,
  type BatchHeader,
  type FlowHeader,
  type NoteRecord,
} from '@drover/protocol';
import { nullOn, type Operation } from '@drover/zookeeper';
import type { World } from './world.js';

export const STEP_WORKER = { understands: [FLOWS] };

/** A step that is a task of the type that workers of tests run. */
export const step = (more: object = {}): Plan['steps'][string] => ({
  kind: 'task',
  type: 'noop',
  input: null,
  ...more,
});

export const after = (...steps: string[]): { after: After } => ({
  after: { all: steps.map((name) => ({ step: name })) },
});

/** Starts runs as a client would, with the raw client and the codecs. */
export class FlowStarter {
  readonly #world: World;
  readonly #nextId: () => string;

  constructor(world: World, nextId: () => string) {
    this.#world = world;
    this.#nextId = nextId;
  }

  newId(): string {
    return this.#nextId();
  }

  /** `count` runs of a plan with these steps; returns the id of the flow. */
  async start(steps: Plan['steps'], more: Partial<FlowHeader> = {}, id = this.#nextId()): Promise<string> {
    return this.startText(planText({ v: 1, name: 'daily', steps }), more, id);
  }

  async startText(text: string, more: Partial<FlowHeader> = {}, id = this.#nextId()): Promise<string> {
    const { zk } = this.#world;
    const plan = planHash(text);
    await nullOn(zk.create(planPath(plan), text), 'NODE_EXISTS');
    const header: FlowHeader = { name: 'daily', plan, count: 1, at: Date.now(), client: 'test', ...more };
    const inputs = Array.from({ length: header.count }, (_, run) => JSON.stringify({ run }));
    const operations: Operation[] = [{ op: 'create', path: flowPath(id), data: encodeFlow(header, inputs) }];
    if (header.key !== undefined) {
      const queue = flowKeyQueue(header.name);
      const data = encodeRecord('key', { task: `${id}.0`, queue, key: header.key });
      operations.push({ op: 'create', path: keyPath(queue, header.key), data });
    }
    await zk.multi(operations);
    return id;
  }

  /** Items of a map, as a client gives them before it starts the run. */
  async draft(flow: string, step: string, count: number, options: Partial<TaskOptions> = {}): Promise<string> {
    const id = this.#nextId();
    const groups = [{ ...DEFAULT_TASK_OPTIONS, type: 'noop', ...options, count }];
    const draft = { flow, run: 0, step, from: 0 };
    const header: BatchHeader = {
      queue: 'default',
      count,
      groups,
      at: Date.now(),
      client: 'test',
      draft,
      needs: [FLOWS],
    };
    const payloads = Array.from({ length: count }, (_, item) => JSON.stringify({ item }));
    await this.#world.zk.create(batchPath(id), encodeBatch(header, payloads));
    return id;
  }

  /** `null`: there is no such flow. */
  async header(flow: string): Promise<FlowHeader | null> {
    const path = flowPath(flow);
    const znode = await nullOn(this.#world.zk.get(path), 'NO_NODE');
    return znode === null ? null : decodeFlowHeader(path, znode.data);
  }

  /** The counts of a flow whose runs have all ended, for `World.until`. */
  async finished(flow: string): Promise<NonNullable<FlowHeader['finished']> | null> {
    return (await this.header(flow))?.finished ?? null;
  }

  async notes(flow: string): Promise<NoteRecord[]> {
    const { zk } = this.#world;
    const names = (await nullOn(zk.children(flowPath(flow)), 'NO_NODE')) ?? [];
    const znodes = await Promise.all(names.sort().map(async (name) => zk.get(notePath(flow, name))));
    return znodes.flatMap(({ data }, at) => decodeNotes(notePath(flow, names[at] ?? ''), data));
  }

  /** Batches of steps of the flow, with the transactions that created them; in the order of these. */
  async batches(flow: string): Promise<{ id: string; header: BatchHeader; czxid: bigint }[]> {
    const { zk } = this.#world;
    const found: { id: string; header: BatchHeader; czxid: bigint }[] = [];
    for (const bucket of await zk.children('/tasks'))
      for (const id of await zk.children(`/tasks/${bucket}`)) {
        const znode = await nullOn(zk.get(batchPath(id)), 'NO_NODE');
        if (znode === null) continue;
        const header = decodeBatchHeader(batchPath(id), znode.data);
        if (header.of?.some((entry) => entry.flow === flow)) found.push({ id, header, czxid: znode.stat.czxid });
      }
    return found.sort((a, b) => Number(a.czxid - b.czxid));
  }
}
