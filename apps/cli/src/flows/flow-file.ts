import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nearest, type DroverError } from '@drover/core';
import { InvalidPlanError, parsePlan, planText, type Plan } from '@drover/flow';
import { UsageError } from '../failure.js';

/** A flow that a file exports; `name`: of the export, `default` or empty for a plan in JSON. */
export interface FoundPlan {
  readonly name: string;
  readonly plan: Plan;
}

/**
 * The plans of the flows that a file has: a module that exports flows, or a plan in JSON. Each is checked. Throws `UsageError`
 * and `InvalidPlanError`.
 */
export async function readPlans(path: string): Promise<FoundPlan[]> {
  if (extname(path) === '.json') return [{ name: '', plan: parsePlan(await textOf(path)) }];
  const exported = await load(path);
  const found = Object.entries(exported).flatMap(([name, value]): FoundPlan[] => {
    const plan = planIn(value);
    return plan === null ? [] : [{ name, plan: checked(plan) }];
  });
  if (found.length > 0) return withoutRepeats(found);
  const names = Object.keys(exported);
  const has = names.length === 0 ? 'it exports nothing' : `it exports ${names.join(', ')}, none of which is a flow`;
  throw new UsageError(`${path}: expected a module that exports flows, as flow() of @drover/client makes them; ${has}`);
}

/** The one that is meant. `wanted`: name of an export, or of a flow. Throws `UsageError` where it is not clear. */
export function choosePlan(path: string, plans: readonly FoundPlan[], wanted: string | undefined): Plan {
  const names = plans.map(({ name, plan }) => (name === '' || name === 'default' ? plan.name : name));
  if (wanted === undefined) {
    const chosen = plans.length === 1 ? plans[0] : plans.find(({ name }) => name === 'default');
    if (chosen !== undefined) return chosen.plan;
    throw new UsageError(`${path} has ${plans.length} flows: give --flow with one of ${names.join(', ')}`);
  }
  const chosen = plans.find(({ name, plan }) => name === wanted || plan.name === wanted);
  if (chosen !== undefined) return chosen.plan;
  const near = nearest(wanted, [...names, ...plans.map(({ plan }) => plan.name)]);
  throw new UsageError(
    `--flow: ${path} has no flow '${wanted}'${near === null ? `; it has ${names.join(', ')}` : `; did you mean '${near}'?`}`,
  );
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(unreadable(path, error), { cause: error });
  });
}

async function load(path: string): Promise<Record<string, unknown>> {
  await textOf(path);
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (error) {
    // A flow that cannot be run, or an argument of a step: it says itself what is wrong.
    if (isUsage(error)) throw new UsageError(`${path}: ${error.message}`, { cause: error });
    throw new UsageError(`${path} cannot be loaded: ${whyNot(error)}`, { cause: error });
  }
}

/** The module has a copy of the library of its own, so classes are not compared. */
const isUsage = (error: unknown): error is DroverError =>
  error instanceof Error && 'category' in error && error.category === 'usage';

function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' || code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    return `Node ${process.versions.node} does not run this file (${error.message}); compile it to JavaScript first`;
  return `${error.name}: ${error.message}`;
}

function unreadable(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `no such file: ${path}`;
  if (code === 'EISDIR') return `${path} is a folder; expected a file that exports flows, or a plan in JSON`;
  return code === 'EACCES' ? `no permission to read ${path}` : `cannot read ${path}: ${message}`;
}

/** A flow is told by its shape; `null`: it is none. */
function planIn(value: unknown): Plan | null {
  if (typeof value !== 'object' || value === null || !('plan' in value)) return null;
  const { plan } = value;
  return typeof plan === 'object' && plan !== null && 'steps' in plan ? (plan as Plan) : null;
}

function checked(plan: Plan): Plan {
  try {
    return parsePlan(planText(plan));
  } catch (error) {
    throw error instanceof InvalidPlanError ? new InvalidPlanError(plan.name, error.why) : error;
  }
}

/** A flow that is exported twice counts once, under its own name. */
function withoutRepeats(found: readonly FoundPlan[]): FoundPlan[] {
  const byText = new Map<string, FoundPlan>();
  for (const each of found) {
    const text = planText(each.plan);
    const before = byText.get(text);
    if (before === undefined || each.name === 'default') byText.set(text, each);
  }
  return [...byText.values()];
}
