/** The body of a request with a reason, or without one. */
export const because = (reason: string | undefined): { reason?: string } => (reason === undefined ? {} : { reason });
