import type { Route } from '../route.js';
import { ACCESS_ROUTES } from './access.js';
import { BROADCAST_ROUTES } from './broadcasts.js';
import { CLUSTER_ROUTES } from './cluster.js';
import { DEFINITION_ROUTES } from './definitions.js';
import { FLOW_ROUTES } from './flows.js';
import { GROUP_ROUTES } from './groups.js';
import { PROBES } from './probes.js';
import { RESOURCE_ROUTES, RESOURCE_VIEWS } from './resources.js';
import { TASK_ROUTES } from './tasks.js';

/** Everything that the API answers, in the order of the documents. */
export const ROUTES: readonly Route[] = [
  ...ACCESS_ROUTES,
  ...TASK_ROUTES,
  ...FLOW_ROUTES,
  ...GROUP_ROUTES,
  ...BROADCAST_ROUTES,
  ...CLUSTER_ROUTES,
  ...DEFINITION_ROUTES,
  ...RESOURCE_VIEWS,
  ...RESOURCE_ROUTES,
  ...PROBES,
];

/** By name. Throws on a name that is not in the table: a fault of the program. */
export function routeNamed(name: string): Route {
  const found = ROUTES.find((route) => route.name === name);
  if (found === undefined) throw new Error(`no route is called '${name}'`);
  return found;
}
