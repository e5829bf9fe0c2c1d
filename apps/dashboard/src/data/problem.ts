import type { ErrorCode } from '@drover/api';

/** `network`: nobody answered. */
type Code = ErrorCode | 'network';

/** An answer of the API that is no success: RFC 9457 as an error. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: Code;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string | null;
  /** Further fields of the code, such as `position` of a filter. */
  readonly data: Readonly<Record<string, unknown>>;

  constructor(status: number, body: Readonly<Record<string, unknown>>) {
    const text = (field: string): string | null => {
      const value = body[field];
      return typeof value === 'string' ? value : null;
    };
    const title = text('title') ?? `The server answered with status ${status}`;
    super(text('detail') ?? title);
    this.status = status;
    this.code = (text('code') ?? 'internal') as Code;
    this.title = title;
    this.detail = text('detail') ?? '';
    this.requestId = text('requestId');
    this.data = body;
  }

  /** For how long the server asks to wait; null: it does not say. */
  get retryAfterMs(): number | null {
    const { retryAfterMs } = this.data;
    return typeof retryAfterMs === 'number' ? retryAfterMs : null;
  }

  /** Whether the same request may succeed later without anybody changing it. */
  get isPassing(): boolean {
    return this.code === 'network' || this.status === 429 || this.status >= 500;
  }
}

export const unreachable = (): ApiProblem =>
  new ApiProblem(0, {
    code: 'network',
    title: 'The server cannot be reached',
    detail: 'No answer came. The page tries again by itself.',
  });

/** The problem in what was thrown; anything else is a fault of the page and is told as such. */
export function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ApiProblem(0, { code: 'internal', title: 'The page has a fault', detail: message });
}
