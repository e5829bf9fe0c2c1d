import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Handlers in TypeScript. Node 22.18 and newer run what needs no more than its types taken away. tsx runs everything, but
 * `--import tsx` prepares the main thread alone: in a thread it has to be asked again.
 */
const NO_TYPESCRIPT = ['ERR_UNKNOWN_FILE_EXTENSION', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'];

export function isTypeScript(module: string): boolean {
  return /\.[cm]?tsx?$/.test(module.startsWith('file:') ? fileURLToPath(module) : module);
}

/** Prepares this thread for TypeScript where the process was started with tsx (`--import tsx`, or the program `tsx`). */
export async function prepareForTypeScript(module: string): Promise<void> {
  const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ''];
  if (!options.some((option) => /(^|[/\\=\s])tsx\b/.test(option))) return;
  const api = resolveFrom([join(process.cwd(), 'index.js'), fileURLToPath(module)], 'tsx/esm/api');
  if (api === null) return;
  const { register } = (await import(pathToFileURL(api).href)) as { register: () => unknown };
  register();
}

function resolveFrom(files: readonly string[], name: string): string | null {
  for (const file of files) {
    try {
      // `resolve` names the CommonJS form, which cannot prepare a thread; the other one stands beside it.
      return createRequire(file)
        .resolve(name)
        .replace(/\.cjs$/, '.mjs');
    } catch {
      // Not from there.
    }
  }
  return null;
}

/** An error that says what to do if Node cannot run a TypeScript module; any other error as it is. */
export function explainTypeScript(error: unknown): unknown {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (!(error instanceof Error) || code === undefined || !NO_TYPESCRIPT.includes(code)) return error;
  return new TypeError(
    `Node ${process.versions.node} cannot run this TypeScript by itself. Use Node 22.18 or newer with types that can be ` +
      "stripped, or install tsx and set NODE_OPTIONS='--import tsx', or compile the module to JavaScript " +
      `(${error.message})`,
    { cause: error },
  );
}
