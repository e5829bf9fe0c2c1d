import { messageOf } from '@drover/runtime';
import type { OtlpFacts } from '../facts.js';

const PATIENCE_MS = 5_000;

/** Sends an OTLP receiver a request without spans, as a process would send its own. Never rejects. */
export async function askOtlp(endpoint: string, env: NodeJS.ProcessEnv): Promise<OtlpFacts> {
  try {
    const answer = await fetch(`${endpoint.replace(/\/+$/, '')}/v1/traces`, {
      method: 'POST',
      headers: { ...headersIn(env.OTEL_EXPORTER_OTLP_HEADERS ?? ''), 'content-type': 'application/json' },
      body: '{"resourceSpans":[]}',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return { endpoint, fault: answer.ok ? null : `it answers ${answer.status} ${await answer.text()}`.slice(0, 200) };
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    return { endpoint, fault: messageOf(cause ?? error) };
  }
}

/** `name=value,name=value`, percent-encoded, as OpenTelemetry reads it. Pure. */
export function headersIn(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at < 1 ? [] : [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())] as const];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
