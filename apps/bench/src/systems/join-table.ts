import { inBackground, uncaught } from '@drover/runtime';
import type pg from 'pg';

/**
 * The queues on PostgreSQL leave it to the user to join tasks: a table counts down what is left of each fan. The ends of one turn
 * are counted together.
 */
const TABLE = 'create table if not exists bench_joins (fan int primary key, missing int not null, sum bigint not null)';

interface Gathered {
  fan: number;
  count: number;
  sum: number;
  waiting: { resolve: (sum: number | null) => void; reject: (error: unknown) => void }[];
}

/** In the worker. */
export class JoinTable {
  readonly #pool: pg.Pool;
  #gathered = new Map<number, Gathered>();
  #writing = false;

  private constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  static async open(pool: pg.Pool): Promise<JoinTable> {
    await pool.query(TABLE);
    return new JoinTable(pool);
  }

  async begin(fan: number, width: number): Promise<void> {
    await this.#pool.query('insert into bench_joins values ($1, $2, 0)', [fan, width]);
  }

  /** Resolves when it is committed: with the sum for exactly one of the fan's tasks, once all have ended, else with null. */
  ended(fan: number, value: number): Promise<number | null> {
    return new Promise((resolve, reject) => {
      const of = this.#gathered.get(fan) ?? { fan, count: 0, sum: 0, waiting: [] };
      this.#gathered.set(fan, of);
      of.count++;
      of.sum += value;
      of.waiting.push({ resolve, reject });
      if (!this.#writing) inBackground(this.#flush(), uncaught);
    });
  }

  async #flush(): Promise<void> {
    this.#writing = true;
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#gathered.size > 0) {
      const taken = [...this.#gathered.values()];
      this.#gathered = new Map();
      for (const of of taken) await this.#count(of);
    }
    this.#writing = false;
  }

  async #count({ fan, count, sum, waiting }: Gathered): Promise<void> {
    try {
      const { rows } = await this.#pool.query<{ missing: number; sum: string }>(
        'update bench_joins set missing = missing - $2, sum = sum + $3 where fan = $1 returning missing, sum',
        [fan, count, sum],
      );
      const [row] = rows;
      for (const [i, { resolve }] of waiting.entries()) resolve(i === 0 && row?.missing === 0 ? Number(row.sum) : null);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
