import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/**
 * Ends process groups when we can no longer do it ourselves, because SIGKILL has ended us.
 *
 * A small shell of its own session reads from a pipe which groups there are. Only we hold the other end, and the kernel
 * closes it however we end: then the shell kills what is left. One for the whole worker, so a group costs it a line.
 */
const SCRIPT = `
trap '' TERM INT HUP
groups=' '
while read -r what group; do
  case "$what" in
    add) groups="$groups$group " ;;
    remove) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
`;

export class Reaper {
  readonly #groups = new Set<number>();
  #shell: ChildProcessByStdio<Writable, null, null> | undefined;

  /** From here on the group ends with this process. */
  add(group: number): void {
    this.#groups.add(group);
    if (this.#shell === undefined) this.#start();
    else this.#say(`add ${group}\n`);
  }

  /** The group has ended: its id may soon be somebody else's. */
  remove(group: number): void {
    if (this.#groups.delete(group)) this.#say(`remove ${group}\n`);
  }

  /** Ends the shell, and what was not removed. */
  close(): void {
    this.#groups.clear();
    this.#shell?.stdin.end();
    this.#shell = undefined;
  }

  #start(): void {
    const shell = spawn('/bin/sh', ['-c', SCRIPT, 'drover-reaper'], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: {},
    });
    this.#shell = shell;
    // Without a shell, or after losing it, the worker continues until the next group: a living worker ends its groups
    // itself.
    const forget = (): void => {
      if (this.#shell === shell) this.#shell = undefined;
    };
    shell.once('error', forget);
    shell.once('exit', forget);
    shell.stdin.on('error', forget);
    shell.unref();
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the pipe is a socket, says Node's documentation of `spawn`
    (shell.stdin as Socket).unref();
    this.#say([...this.#groups].map((group) => `add ${group}\n`).join(''));
  }

  #say(lines: string): void {
    this.#shell?.stdin.write(lines);
  }
}
