/** `to-server`: what clients send is swallowed · `to-client`: what the server sends is. */
export type BlackHole = 'none' | 'both' | 'to-server' | 'to-client';

/**
 * What becomes of a frame. pass: it goes on · drop: it vanishes, the stream goes on without it · cut-within: half of it
 * goes on, then the connection is reset · a buffer: that goes on in its place.
 */
export type Verdict = 'pass' | 'drop' | 'cut-within' | Buffer;
