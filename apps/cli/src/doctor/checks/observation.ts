import { given, judged, problem, type Check, type Problem } from '../check.js';

export const OBSERVATION_CHECKS: readonly Check[] = [
  {
    code: 'api',
    area: 'observation',
    severity: 'warn',
    means: 'The API of a scheduler does not answer: the dashboard, drover top and drover events need it.',
    cure: 'its log says why (api.ended, api.refused); an address of loopback is reached from its own host only',
    link: 'docs/operations.md#metrics-and-probes',
    judge: ({ api }) =>
      given(api, ({ replicas }) => {
        if (replicas.length === 0) return { skipped: 'no scheduler says where its API is' };
        const silent = replicas.filter(({ livez }) => livez === 0);
        return judged(
          silent.map(({ id, url, why }) => ({ text: `${id} at ${url}: ${why ?? 'no answer'}` })),
          `${replicas.length} answer`,
        );
      }),
  },
  {
    code: 'probes',
    area: 'observation',
    severity: 'fail',
    means: 'A scheduler says of itself that it is not alive, or not ready.',
    cure: 'look at its log; one that is not alive is to be restarted',
    link: 'docs/operations.md#metrics-and-probes',
    judge: ({ api }) =>
      given(api, ({ replicas }) => {
        const answering = replicas.filter(({ livez }) => livez !== 0);
        if (answering.length === 0) return { skipped: 'no scheduler was asked' };
        const problems = answering.flatMap(({ id, livez, readyz }): Problem[] => {
          if (livez !== 200) return [{ text: `${id} is not alive (${livez})` }];
          return readyz === 200 ? [] : [{ text: `${id} is not ready (${readyz})`, severity: 'warn' }];
        });
        return judged(problems, `${answering.length} are alive and ready`);
      }),
  },
  {
    code: 'metrics',
    area: 'observation',
    severity: 'warn',
    means: 'Metrics cannot be read.',
    cure: 'give the token the role metrics; see --ops-listen for a listener of their own',
    link: 'docs/metrics.md',
    judge: ({ api }) =>
      given(api, ({ metrics }) =>
        given(metrics, (known) => (known.size > 0 ? { ok: `${known.size} series` } : problem('there are none'))),
      ),
  },
  {
    code: 'otlp',
    area: 'observation',
    severity: 'warn',
    means: 'The receiver of spans cannot be reached from here, or refuses them: traces are lost.',
    cure: 'start the receiver, or correct --otlp-endpoint (OTLP over HTTP, mostly port 4318) and OTEL_EXPORTER_OTLP_HEADERS',
    link: 'docs/traces.md#installing',
    judge: ({ otlp }) =>
      given(otlp, ({ endpoint, fault }) =>
        fault === null ? { ok: `${endpoint} takes spans` } : problem(`${endpoint}: ${fault}`),
      ),
  },
];
