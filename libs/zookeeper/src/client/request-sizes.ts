/** No server is set so low that it would refuse less: what is smaller is never suspected. */
const LEAST_SUSPECT_BYTES = 8 * 1024;

/**
 * Finds out that a server accepts less than this client's own bound. A server whose `jute.maxbuffer` is exceeded says
 * nothing: it closes the connection when it has read the length. A client that sends the same again on the next
 * connection would repeat that for ever.
 *
 * What looks so may also be a server that was killed. So a verdict takes three connections in a row that the server
 * closed while a large request was unanswered:
 * - the first one makes requests of that size suspects. From there on a suspect goes alone, with nothing before or
 *   behind it, until one of that size was answered;
 * - the second connection that is closed on a suspect that went alone confirms it: that request is too large, and what
 *   is as large or larger is refused before it is sent. A connection that is lost for any other reason may mean a
 *   server with other settings: one suspect may try again, alone.
 */
export class RequestSizes {
  /** The largest request that was answered on this connection. */
  #answered = 0;
  /** Sizes of what was unanswered when a server closed the connection. */
  #suspects: { min: number; max: number } | null = null;
  /** The smallest request that went alone when a server closed the connection, and how often that happened. */
  #closedOn: { bytes: number; times: number } | null = null;
  #refusedFrom = Infinity;

  /** On a new connection. */
  begin(): void {
    this.#answered = 0;
  }

  answered(bytes: number): void {
    if (bytes <= this.#answered) return;
    this.#answered = bytes;
    if (this.#suspects !== null && bytes >= this.#suspects.max) this.#suspects = null;
    if (this.#closedOn !== null && bytes >= this.#closedOn.bytes) this.#closedOn = null;
  }

  mustGoAlone(bytes: number): boolean {
    return this.#suspects !== null && bytes >= this.#suspects.min && bytes > this.#answered;
  }

  isRefused(bytes: number): boolean {
    return bytes >= this.#refusedFrom;
  }

  /**
   * The server closed the connection; `unanswered` are the sizes of what it was sent and has not answered. Returns the
   * index of the one that is too large for it, -1 where that is not certain.
   */
  closed(unanswered: readonly number[]): number {
    const suspects = unanswered.filter((bytes) => bytes >= LEAST_SUSPECT_BYTES && bytes > this.#answered);
    const [first] = suspects;
    if (first === undefined) {
      this.lost();
      return -1;
    }
    const wasAlone = unanswered.length === 1 && this.mustGoAlone(first);
    const all = this.#suspects === null ? suspects : [...suspects, this.#suspects.min, this.#suspects.max];
    this.#suspects = { min: Math.min(...all), max: Math.max(...all) };
    return wasAlone && this.#closedAlone(first) ? 0 : -1;
  }

  /** The connection was lost for another reason. */
  lost(): void {
    this.#refusedFrom = Infinity;
  }

  #closedAlone(bytes: number): boolean {
    const known = this.#closedOn;
    const times = known !== null && bytes >= known.bytes ? known.times + 1 : 1;
    this.#closedOn = { bytes: Math.min(bytes, known?.bytes ?? bytes), times };
    if (times < 2) return false;
    this.#refusedFrom = Math.min(bytes, known?.bytes ?? bytes);
    return true;
  }
}
