import { DroverError } from '@drover/core';

/** Thrown when there is no broadcast with that id: there never was, or retention has removed it. */
export class BroadcastNotFoundError extends DroverError {
  override readonly name = 'BroadcastNotFoundError';
  override readonly category = 'usage';
  readonly broadcast: string;
  constructor(broadcast: string) {
    super(
      `no broadcast ${broadcast}: it was never there, or retention has removed it; drover broadcasts ls shows those that there are`,
    );
    this.broadcast = broadcast;
  }
}
