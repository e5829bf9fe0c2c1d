/** `to-server`: bytes that clients send are swallowed · `to-client`: bytes that the server sends are. */
export type BlackHole = 'none' | 'both' | 'to-server' | 'to-client';

/**
 * The decision about a frame. pass: it is sent on · drop: it is left out, and the stream goes on · cut-within: half of
 * it is sent on, then the connection is reset · a buffer: that is sent in its place.
 */
export type Verdict = 'pass' | 'drop' | 'cut-within' | Buffer;
