/** Broken rules. The first one tells the most: later ones are often its consequence. */
export class Findings {
  readonly #found: string[] = [];
  readonly #told: (text: string) => void;

  constructor(told: (text: string) => void) {
    this.#told = told;
  }

  get all(): readonly string[] {
    return this.#found;
  }

  get any(): boolean {
    return this.#found.length > 0;
  }

  add(text: string): void {
    this.#found.push(text);
    this.#told(`VIOLATION ${text}`);
  }

  expect(holds: boolean, text: () => string): void {
    if (!holds) this.add(text());
  }
}
