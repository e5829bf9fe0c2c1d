import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

/** Debian's package puts it here. */
const CHROMIUM = '/usr/bin/chromium';

/**
 * A Chromium, of which each test takes a context of its own. Null: there is none on this machine, and it may not be
 * installed. With `CI` set it is, where that is possible.
 */
export async function startChromium(): Promise<Browser | null> {
  if (!existsSync(CHROMIUM) && process.env.CI) install();
  if (!existsSync(CHROMIUM)) return null;
  const { chromium } = await import('playwright-core');
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({ executablePath: CHROMIUM, args: isRoot ? ['--no-sandbox'] : [] });
}

/** Several test files may come at the same time: one of them installs, the others wait. */
function install(): void {
  const command = `test -x ${CHROMIUM} || { apt-get update && apt-get install -y --no-install-recommends chromium; }`;
  try {
    execFileSync('flock', ['/tmp/drover-apt.lock', 'sh', '-c', command], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  } catch {
    // Without the right to install, the log of the tests says that they were not run.
  }
}
