import type * as z from 'zod';
import type { Method } from './route.js';
import type { ACCESS_ROUTES } from './routes/access.js';
import type { BROADCAST_ROUTES } from './routes/broadcasts.js';
import type { CLUSTER_ROUTES } from './routes/cluster.js';
import type { DEFINITION_ROUTES } from './routes/definitions.js';
import type { FLOW_ROUTES } from './routes/flows.js';
import type { GROUP_ROUTES } from './routes/groups.js';
import type { PROBES } from './routes/probes.js';
import type { RESOURCE_VIEWS } from './routes/resources.js';
import type { TASK_ROUTES } from './routes/tasks.js';

/** Clients know this of the table of routes without loading it: types only. */
type Known = (
  | typeof ACCESS_ROUTES
  | typeof TASK_ROUTES
  | typeof FLOW_ROUTES
  | typeof GROUP_ROUTES
  | typeof BROADCAST_ROUTES
  | typeof CLUSTER_ROUTES
  | typeof DEFINITION_ROUTES
  | typeof RESOURCE_VIEWS
  | typeof PROBES
)[number];

/** The route of a method and a path. */
type At<M extends Method, Path, Each = Known> = Each extends { readonly method: M; readonly path: infer Its }
  ? Path extends Its
    ? Each
    : never
  : never;

/** The paths of a method, with parameters as `:id`. */
export type PathOf<M extends Method> = Extract<Known, { readonly method: M }>['path'];

type ParametersOf<Path> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParametersOf<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;
type QueryOf<Its> = Its extends { readonly query: infer Query extends z.ZodType } ? Partial<z.input<Query>> : unknown;

/** The parameters of a path and the values of its query, in one object. */
export type ArgumentsOf<M extends Method, Path> = Readonly<Record<ParametersOf<Path>, string>> & QueryOf<At<M, Path>>;

type JsonOf<Its> = Its extends { readonly json: infer Json extends z.ZodType } ? z.output<Json> : never;
type Answers<Its> = Its extends { readonly answers: infer All } ? JsonOf<All[keyof All]> : never;

/** The document of a successful answer; `undefined` where there is none. */
export type AnswerOf<M extends Method, Path> = [Answers<At<M, Path>>] extends [never]
  ? undefined
  : Answers<At<M, Path>>;

/** The document of a request. */
export type BodyOf<M extends Method, Path> =
  At<M, Path> extends { readonly body: { readonly json: infer Json extends z.ZodType } } ? z.input<Json> : undefined;
