import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemRuntime, type Runtime } from '@drover/runtime';
import type { Host } from '../src/host.js';

interface Teardown {
  teardown(clean: () => void): void;
}

export function temporaryFolder(t: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), 'drover-embedded '));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A machine of its own below a temporary folder: nothing installed, an empty PATH but for `bin` and the shell's tools. */
export class FakeHost implements Host {
  readonly env: Record<string, string>;
  readonly platform = 'linux';
  readonly isRoot: boolean;
  readonly homeDir: string;
  readonly root: string;
  runtime: Runtime = systemRuntime;
  readonly showsProgress = false;
  readonly notes: string[] = [];

  constructor(t: Teardown, { isRoot = false, env = {} }: { isRoot?: boolean; env?: Record<string, string> } = {}) {
    this.root = temporaryFolder(t);
    this.homeDir = join(this.root, 'home/user');
    this.isRoot = isRoot;
    this.env = { PATH: join(this.root, 'bin'), ...env };
  }

  note(line: string): void {
    this.notes.push(line);
  }

  /** Writes a file below the root and returns its path. */
  file(path: string, text = ''): string {
    const whole = join(this.root, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, text);
    return whole;
  }

  /** A shell script; with the real PATH, so that it finds mkdir and the like. */
  script(path: string, body: string): string {
    const whole = this.file(path, `#!/bin/sh\nPATH=/usr/bin:/bin\n${body}\n`);
    chmodSync(whole, 0o755);
    return whole;
  }

  java(path: string, version = '17.0.15'): string {
    return this.script(path, `echo 'openjdk version "${version}"' >&2`);
  }

  /** Debian, with an apt-get that logs its arguments and then does `effects`. */
  debian(effects: string): void {
    this.file('etc/debian_version', '12.11\n');
    this.script('bin/flock', 'shift 2; exec "${0%/*}/apt-get" "$@"');
    this.script('bin/apt-get', `echo "$DEBIAN_FRONTEND $*" >> '${this.root}/apt.log'\n${effects}`);
  }
}
