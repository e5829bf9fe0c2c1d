import { DroverError } from '@drover/core';

/** Thrown when a history cannot be read: file, line and what was expected. Nothing was judged. */
export class HistoryError extends DroverError {
  override readonly name = 'HistoryError';
  override readonly category = 'usage';
}
