import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The logs of the servers of a run. */
export interface ZooKeeperWord {
  /** `3.8.0`; `?` where no log tells. */
  version: string;
  /**
   * The first line in which a server says that its tree was not what it should have been after a transaction: ZooKeeper
   * keeps digests of it since 3.6. It may be mended later, by a transfer of the whole state. `null`: none does.
   */
  digestComplaint: string | null;
}

export async function zooKeeperWord(folder: string): Promise<ZooKeeperWord> {
  const servers = (await readdir(folder)).filter((name) => /^zookeeper-\d+$/.test(name)).sort();
  const logs = await Promise.all(servers.map((name) => readFile(path.join(folder, name, 'zookeeper.log'), 'utf8')));
  return wordOf(logs);
}

/** `logs`: one text a server. */
export function wordOf(logs: readonly string[]): ZooKeeperWord {
  const first = (pattern: RegExp): RegExpExecArray | null =>
    logs.map((log) => pattern.exec(log)).find((match) => match !== null) ?? null;
  return {
    version: first(/zookeeper\.version=(\d+\.\d+\.\d+)/)?.[1] ?? '?',
    digestComplaint: first(/^.*(?:digest mismatch|digests are not matching).*$/im)?.[0] ?? null,
  };
}
