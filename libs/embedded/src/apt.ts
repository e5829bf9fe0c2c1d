import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { factsOf, thisHost, type Host } from './host.js';
import { runCommand } from './run-command.js';

/** Installs a package with apt-get, which must be in PATH; we must be root. Rejects, quoting it, when it fails. */
export async function aptInstall(packageName: string, host: Host): Promise<void> {
  host.note(`Installing the package ${packageName} with apt-get; this can take a minute`);
  const env = { ...host.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Tests of several projects may install at the same time, and apt-get does not wait for another one that updates its
  // lists. Every Debian has flock.
  const apt = ['flock', join(tmpdir(), 'drover-apt.lock'), 'apt-get', '-o', 'DPkg::Lock::Timeout=300'] as const;
  // A container's image often has no lists of packages at all.
  await runCommand([...apt, 'update'], { env });
  await runCommand([...apt, 'install', '-y', '--no-install-recommends', packageName], { env });
}

/** Installs a package where this process may: Debian or Ubuntu, as root. Throws, saying what to install, where not. */
export async function installPackage(packageName: string, host: Host = thisHost()): Promise<void> {
  if (!factsOf(host).canApt) throw new Error(`the program is not installed; install the package ${packageName}`);
  await aptInstall(packageName, host);
}
