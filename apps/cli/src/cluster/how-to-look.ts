import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { obtainToolchain } from '@drover/embedded';
import { splitConnectString } from '@drover/protocol';

/** Complete command lines to look into a cluster. */
export async function howToLook(connect: string): Promise<{ drover: (command: string) => string; zkCli: string }> {
  const { hosts, root } = splitConnectString(connect);
  return {
    drover: (command) => `npx drover ${command} --zk ${connect}`,
    zkCli: `${await zkCliPath()} -server ${hosts} get ${root}/leader`,
  };
}

async function zkCliPath(): Promise<string> {
  try {
    const { zooKeeper } = await obtainToolchain();
    const path = join(zooKeeper.home, 'bin', 'zkCli.sh');
    return existsSync(path) ? path : 'zkCli.sh';
  } catch {
    // ZooKeeper runs elsewhere, and its tools are not on this machine.
    return 'zkCli.sh';
  }
}
