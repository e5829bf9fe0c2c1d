import type { StatusView } from '@drover/client';
import { messageOf } from '@drover/runtime';
import type { ApiClient } from '../../api/api-client.js';
import { probe } from '../../quick/health.js';
import type { ApiFacts, Gathered, ReplicaFacts } from '../facts.js';

/** Asks the API. Throws where it does not answer at all. */
export async function askApi(api: ApiClient, status: StatusView | null, now: () => number): Promise<ApiFacts> {
  const about = await api.call<{ auth: string[] }>('about');
  const { date } = about.headers;
  const clock = typeof date === 'string' ? Date.parse(date) - now() : NaN;
  const [overview, election, failures, metrics, replicas] = await Promise.all([
    tried(api.get<object>('getOverview')),
    tried(api.get<object>('getElection')),
    tried(itemsOf(api, 'groupFailures')),
    tried(api.text('metrics').then(readMetrics)),
    Promise.all(
      (status?.schedulers ?? []).flatMap(({ id, api: url }) => (url === undefined ? [] : [askReplica(id, url)])),
    ),
  ]);
  const facts = { url: api.url, auth: about.body.auth, overview, election, failures, metrics, replicas };
  // The header counts in seconds.
  return { ...facts, clockMs: Number.isNaN(clock) ? null : clock } as ApiFacts;
}

const itemsOf = async (api: ApiClient, route: string): Promise<object> =>
  (await api.get<{ items: object[] }>(route)).items;

export async function tried<T extends object>(asked: Promise<T>): Promise<Gathered<T>> {
  try {
    return await asked;
  } catch (error) {
    return { missing: messageOf(error) };
  }
}

async function askReplica(id: string, given: string): Promise<ReplicaFacts> {
  const url = given.replace(/\/+$/, '');
  const [livez, readyz] = await Promise.all([probe(`${url}/livez`), probe(`${url}/readyz`)]);
  return { id, url, livez: livez.status, readyz: readyz.status, why: livez.status === 0 ? livez.text : null };
}

/** Series of Drover in Prometheus' text format, by name with labels. Pure. */
export function readMetrics(text: string): Map<string, number> {
  const lines = [...text.matchAll(/^(drover_\w+(?:\{[^}]*\})?) ([-+.\deE]+|NaN|[-+]?Inf)(?: .*)?$/gm)];
  return new Map(lines.map(([, name = '', value = '']) => [name, Number(value.replace('Inf', 'Infinity'))]));
}
