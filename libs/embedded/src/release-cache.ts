import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '@drover/runtime';
import { fetchArchive } from './download.js';
import type { Host } from './host.js';
import { installationAt, type ZooKeeperInstallation } from './installation.js';
import type { Release, ReleaseAddress } from './release.js';
import { runCommand } from './run-command.js';

/**
 * Fetches a release, checks it, and unpacks it to `home`. It appears there whole or not at all: everything happens in a
 * folder beside it that is renamed at the end, and removed when anything fails.
 * Throws an error that says why for every address that was tried.
 */
export async function downloadRelease(release: Release, home: string, host: Host): Promise<ZooKeeperInstallation> {
  const failures: string[] = [];
  for (const address of release.addresses) {
    try {
      host.note(`Fetching ZooKeeper from ${address.archive}`);
      return await installFrom(address, home, host);
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  throw new Error(failures.join('; '));
}

async function installFrom(address: ReleaseAddress, home: string, host: Host): Promise<ZooKeeperInstallation> {
  await mkdir(dirname(home), { recursive: true });
  const workFolder = await mkdtemp(`${home}.partial-`);
  try {
    const archive = join(workFolder, 'archive');
    await fetchArchive(address, archive, host);
    const unpacked = join(workFolder, 'unpacked');
    await mkdir(unpacked);
    // -o: root must not restore the owners of somebody else's machine.
    await runCommand(['tar', '-x', '-o', '-f', archive, '-C', unpacked, '--strip-components=1'], { env: host.env });
    if (!installationAt(unpacked))
      throw new Error(`${address.archive} holds no ZooKeeper: no lib/zookeeper-*.jar in it`);
    await moveIntoPlace(unpacked, home);
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
  return installed(home);
}

async function moveIntoPlace(unpacked: string, home: string): Promise<void> {
  try {
    await rename(unpacked, home);
  } catch (error) {
    // Another process was quicker: its copy is as good.
    if (!installationAt(home)) throw error;
  }
}

function installed(home: string): ZooKeeperInstallation {
  const installation = installationAt(home);
  if (!installation) throw new Error(`${home} disappeared while it was being installed`);
  return installation;
}
