import { inBackground, uncaught } from '@drover/runtime';
import pg from 'pg';

/**
 * The queues on PostgreSQL leave results to the user: a table of them, filled by the handlers of one turn together,
 * read by the submitter when it is notified.
 */
export const RESULT_TABLE = 'create table if not exists bench_results (id bigserial primary key, i int not null)';

/** Writes results, in the worker; resolves when the result is committed. */
export class ResultWriter {
  readonly #pool: pg.Pool;
  #gathered: { i: number; resolve: () => void; reject: (error: unknown) => void }[] = [];
  #writing = false;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  write(i: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#gathered.push({ i, resolve, reject });
      if (!this.#writing) inBackground(this.#flush(), uncaught);
    });
  }

  async #flush(): Promise<void> {
    this.#writing = true;
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#gathered.length > 0) {
      const taken = this.#gathered;
      this.#gathered = [];
      try {
        await this.#pool.query(
          "with added as (insert into bench_results (i) select unnest($1::int[]) returning id) select pg_notify('bench_results', '') from added limit 1",
          [taken.map(({ i }) => i)],
        );
        for (const { resolve } of taken) resolve();
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
    }
    this.#writing = false;
  }
}

/** Reads results, in the submitter: calls `onResult` once per result. */
export class ResultReader {
  onResult: (i: number) => void = () => undefined;
  readonly #client: pg.Client;
  #reading = false;
  #again = false;

  private constructor(client: pg.Client) {
    this.#client = client;
    client.on('notification', () => inBackground(this.#read(), uncaught));
  }

  static async open(url: string): Promise<ResultReader> {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(RESULT_TABLE);
    await client.query('listen bench_results');
    return new ResultReader(client);
  }

  close(): Promise<void> {
    return this.#client.end();
  }

  /** Results are removed as they are read: ids are not committed in their order, so a cursor could miss some. */
  async #read(): Promise<void> {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    while (this.#again) {
      this.#again = false;
      const { rows } = await this.#client.query<{ i: number }>('delete from bench_results returning i');
      for (const { i } of rows) this.onResult(i);
    }
    this.#reading = false;
  }
}
