import { API_ERRORS, type ErrorCode } from '@drover/api';
import { DroverError } from '@drover/core';

/** Answered as `application/problem+json`. The message is its `detail`: what was given, what was expected, what to do. */
export class ApiError extends DroverError {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;
  readonly status: number;
  /** Further fields of the answer: those of the code in `API_ERRORS`. */
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, detail: string, data: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.code = code;
    this.status = API_ERRORS[code].status;
    this.data = data;
  }
}
