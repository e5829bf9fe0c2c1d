/** A smaller request is never suspected: no server is configured to refuse it. */
const LEAST_SUSPECT_BYTES = 8 * 1024;

/**
 * Finds out that a server accepts less than this client's own bound. A server whose `jute.maxbuffer` is exceeded sends
 * no answer: it closes the connection when it has read the length. A client that sends the same again on the next
 * connection would repeat that for ever.
 *
 * A server that was killed closes its connections too. So this client decides only after three connections in a row
 * that the server closed while a large request was unanswered:
 * - after the first, requests of that size are suspects. From then on a suspect is sent alone, with no other request
 *   unanswered, until one of that size is answered;
 * - when the server has closed two connections on a suspect that was sent alone, that request is too large, and one as
 *   large or larger is refused before it is sent. A connection that is lost for any other reason may mean a server with
 *   other settings: one suspect may try again, alone.
 */
export class RequestSizes {
  /** The largest request that was answered on this connection. */
  #answered = 0;
  /** Sizes of the large requests that were unanswered when a server closed the connection. */
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
   * The server closed the connection; `unanswered` are the sizes of the requests that it had not answered. Returns the
   * index of the one that is too large for it; -1: that is not certain.
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
