import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Endpoint } from '@drover/embedded';
import { runProgram } from '../run-program.js';
import { Namespace } from './namespace.js';

/** The hub's own address. All addresses are in 198.18.0.0/15, which is reserved for tests of networks (RFC 2544). */
const HUB_ADDRESS = '198.19.255.254';

export interface Node {
  readonly namespace: Namespace;
  readonly address: string;
}

/**
 * Network namespaces around a hub that routes between them, one cable (a veth pair) for each:
 *
 *     server 1 ─┐         ┌─ worker-1
 *     server 2 ─┤   hub   ├─ scheduler-1
 *     server 3 ─┘         └─ ...
 *
 * A cut is a routing rule of the hub: packets from one address to another fall into a black hole. The sender gets no
 * error, and the other direction has a rule of its own.
 */
export class Network {
  readonly #hub: ChildProcess;
  readonly #nodes: Node[] = [];
  readonly #cuts = new Set<string>();
  /** Commands of `ip` run one after the other, since each changes state that others read. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(hub: ChildProcess) {
    this.#hub = hub;
  }

  /** Throws with the system's message if the system does not allow it; no process is left then. */
  static async create(): Promise<Network> {
    const network = new Network(await startHub());
    try {
      await network.#inHub(['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
      await network.#ip([`link set lo up`, `address add ${HUB_ADDRESS}/32 dev lo`]);
    } catch (error) {
      await network.close();
      throw error;
    }
    return network;
  }

  /** A namespace with this address, connected to the hub. */
  async add(address: string, parts: { mounts: boolean }): Promise<Node> {
    const namespace = await Namespace.create(parts);
    const port = `n${this.#nodes.push({ namespace, address })}`;
    await this.#ip([
      `link add ${port} type veth peer name eth0 netns ${namespace.pid}`,
      `link set ${port} up`,
      `route add ${address}/32 dev ${port}`,
    ]);
    const commands = [
      'link set lo up',
      `address add ${address}/32 dev eth0`,
      'link set eth0 up',
      `route add default via ${HUB_ADDRESS} dev eth0 onlink`,
    ];
    await namespace.run(['ip', '-batch', '-'], lines(commands));
    return { namespace, address };
  }

  async remove(node: Node): Promise<void> {
    await this.heal((from, to) => from === node.address || to === node.address);
    await node.namespace.remove();
  }

  /** From now on nothing that `from` sends arrives at `to`. */
  async cut(flows: readonly { from: string; to: string }[]): Promise<void> {
    const wanted = flows.map(({ from, to }) => `from ${from} to ${to}`).filter((flow) => !this.#cuts.has(flow));
    for (const flow of wanted) this.#cuts.add(flow);
    await this.#ip(wanted.map((flow) => `rule add ${flow} blackhole`));
  }

  async heal(chosen: (from: string, to: string) => boolean): Promise<void> {
    const healed = [...this.#cuts].filter((flow) => {
      const [, from = '', , to = ''] = flow.split(' ');
      return chosen(from, to);
    });
    for (const flow of healed) this.#cuts.delete(flow);
    await this.#ip(healed.map((flow) => `rule delete ${flow} blackhole`));
  }

  /** Opens an endpoint at which this process reaches a listener inside; cuts do not affect it. */
  async door(inside: Endpoint): Promise<Endpoint> {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    await new Promise<void>((resolve, reject) => {
      this.#hub.send(inside, listener, (error) => (error === null ? resolve() : reject(error)));
    });
    // The hub has the listening socket now, and accepts connections.
    listener.close();
    return { host: '127.0.0.1', port };
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map(({ namespace }) => namespace.remove()));
    if (this.#hub.exitCode !== null || this.#hub.signalCode !== null) return;
    const ended = once(this.#hub, 'exit');
    this.#hub.kill('SIGKILL');
    await ended;
  }

  #ip(commands: readonly string[]): Promise<unknown> {
    if (commands.length === 0) return Promise.resolve();
    const done = this.#turn.then(() => this.#inHub(['ip', '-batch', '-'], lines(commands)));
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #inHub(command: readonly string[], input = ''): Promise<string> {
    return runProgram(['nsenter', `--target=${this.#hub.pid}`, '--net', '--', ...command], input);
  }
}

function lines(commands: readonly string[]): string {
  return commands.map((command) => `${command}\n`).join('');
}

async function startHub(): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('hub.child.js', import.meta.url));
  const hub = spawn('unshare', ['--net', '--', process.execPath, script], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
  });
  const said: Buffer[] = [];
  hub.stderr?.on('data', (chunk: Buffer) => said.push(chunk));
  const ended = once(hub, 'close').then(() => {
    throw new Error(`no network namespace here: ${Buffer.concat(said).toString('utf8').trim()}`);
  });
  await Promise.race([once(hub, 'message'), ended]);
  ended.catch(() => undefined);
  return hub;
}
