import { DroverError } from '@drover/core';

/** Thrown when settings are not valid; `problems` has one line per field, the message all of them. */
export class ConfigError extends DroverError {
  override readonly name = 'ConfigError';
  override readonly category = 'usage';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
