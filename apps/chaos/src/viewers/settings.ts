/** The settings of a process of viewers. */
export interface ViewersSettings {
  name: string;
  /** The addresses of all APIs: `http://host:port`. */
  apis: string[];
  seed: number;
  /** Path of the history of viewers. */
  history: string;
  /** Questions a second at each API. */
  perSecond: number;
}

/** The deeds of viewers until now, at all APIs together. */
export interface ViewersDid {
  /** Questions, by how they ended: `200`, `503`, ..., or `error` where no answer came. */
  answers: Record<string, number>;
  /** Streams that were opened and read too slowly, or never. */
  streams: number;
  /** Pieces of garbage that were sent. */
  garbage: number;
  /** Sockets that were opened and left. */
  sockets: number;
}

/** A line of the history of viewers: the last one of each life is the only one that has `answering`. */
export interface ViewersLine {
  at: number;
  name: string;
  did: ViewersDid;
  /** Each API, and whether it answered when all viewers had gone; a word on why not. */
  answering?: { api: string; fault: string | null }[];
}
