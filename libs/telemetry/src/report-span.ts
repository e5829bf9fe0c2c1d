import { ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { ReportObserver, SendingReport } from '@drover/core';
import { ATTRIBUTES, messaging } from './attributes.js';
import { toSpanContext } from './contexts.js';

/** The span of a report: a trace of its own, since it may tell of attempts of many traces; it links to them. */
export function reportSpan(tracer: Tracer, report: SendingReport): ReportObserver | undefined {
  const { queue, batch, assignment, worker, size, traces } = report;
  const span = tracer.startSpan(
    `report ${queue}`,
    {
      kind: SpanKind.CLIENT,
      root: true,
      links: traces.map((trace) => ({ context: toSpanContext(trace) })),
      attributes: {
        ...messaging(queue, 'report', 'settle'),
        [ATTRIBUTES.messageCount]: size,
        [ATTRIBUTES.batch]: batch,
        [ATTRIBUTES.assignment]: assignment,
        [ATTRIBUTES.clientId]: worker,
      },
    },
    ROOT_CONTEXT,
  );
  if (!span.isRecording()) return undefined;
  return {
    ended: (how) => {
      span.setAttribute(ATTRIBUTES.reportEnd, how);
      if (how !== 'accepted') span.setStatus({ code: SpanStatusCode.ERROR, message: how });
      span.end();
    },
  };
}
