/**
 * `npm run pack -- [--out FOLDER] [PACKAGE...]`: builds, and writes the tarballs of the named packages and of what they
 * need. Without names: all that are published. Exits with 1 when a tarball lacks something or holds too much.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';
import { pack, USER_PACKAGES, withNeeds } from './lib/packages.mjs';
import { COMPILER, runQuietly, workspaceRoot } from './lib/run.mjs';

requireNode();
process.exitCode = await main();

async function main() {
  const { values, positionals } = parseArgs({
    options: { out: { type: 'string', default: 'dist/packages' } },
    allowPositionals: true,
  });
  const folder = resolve(process.env.INIT_CWD ?? workspaceRoot, values.out);
  if (!(await ensureInstalled())) return 1;
  console.error('Building');
  const built = await runQuietly(process.execPath, [COMPILER, '--build']);
  if (built !== 0) return built;
  const tarballs = await pack(withNeeds(positionals.length === 0 ? USER_PACKAGES : positionals), folder);
  for (const { name, size, unpackedSize, files, faults } of tarballs) {
    console.log(
      `${name.padEnd(24)} ${kib(size)} packed ${kib(unpackedSize)} unpacked ${String(files.length).padStart(5)} files`,
    );
    for (const fault of faults) console.log(`  ✘ ${fault}`);
  }
  console.log(
    `${tarballs.length} tarballs, ${kib(total(tarballs, 'size')).trim()} in all: npm install ${folder}/*.tgz`,
  );
  return tarballs.every(({ faults }) => faults.length === 0) ? 0 : 1;
}

function kib(bytes) {
  return `${Math.ceil(bytes / 1024)} KiB`.padStart(9);
}

function total(tarballs, field) {
  return tarballs.reduce((sum, tarball) => sum + tarball[field], 0);
}
