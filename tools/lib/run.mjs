import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that has the root package.json. */
export const workspaceRoot = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The compiler that builds: TypeScript 7, as in nx.json. The package `typescript` stays at 6, whose interface ESLint
 * uses; either builds anew what the other has built.
 */
export const COMPILER = join(workspaceRoot, 'node_modules/typescript-7/bin/tsc');

/**
 * ESLint, with room for young objects: what it knows of types lives long, and V8 copies it less often. This takes about a
 * third off its processor time.
 */
export const ESLINT = ['node', '--max-semi-space-size=128', join(workspaceRoot, 'node_modules/eslint/bin/eslint.js')];

/** The environment of every tool: programs of node_modules/.bin come first, Nx keeps no daemon and draws nothing. */
export function toolEnvironment() {
  const PATH = [join(workspaceRoot, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  return { ...process.env, PATH, NX_DAEMON: 'false', NX_TUI: 'false' };
}

/**
 * Runs a program, at the root, to its end and resolves with its exit code (128 + signal when a signal ended it; 127 when
 * it cannot be started). `stdio` and `cwd` as in `spawn`; `env` on top of the tools' environment; the signals of `forward` are
 * passed on instead of ending us.
 */
export function run(program, parameters, { stdio = 'inherit', cwd = workspaceRoot, env = {}, forward = [] } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, { cwd, env: { ...toolEnvironment(), ...env }, stdio });
    const forwarders = forward.map((signal) => [signal, () => child.kill(signal)]);
    for (const [signal, pass] of forwarders) process.on(signal, pass);
    const end = (code) => {
      for (const [signal, pass] of forwarders) process.off(signal, pass);
      resolve(code);
    };
    child.once('error', (error) => {
      console.error(`${program}: ${error.message}`);
      end(127);
    });
    child.once('close', (code, signal) => end(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** Like `run`, but silent: the output of the program goes to stderr only when it fails. */
export async function runQuietly(program, parameters) {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, {
      cwd: workspaceRoot,
      env: toolEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.once('error', (error) => output.push(Buffer.from(`${program}: ${error.message}\n`)));
    child.once('close', (code) => {
      if (code !== 0) process.stderr.write(Buffer.concat(output));
      resolve(code ?? 1);
    });
  });
}
