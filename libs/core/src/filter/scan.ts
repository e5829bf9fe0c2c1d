import { DroverError } from '../errors.js';

/** Thrown when the text of a filter cannot be understood. */
export class FilterError extends DroverError {
  override readonly name = 'FilterError';
  override readonly category = 'usage';
  /** Index of the first character that is wrong, from 0. */
  readonly position: number;
  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** A value as it is in the text. */
export interface RawValue {
  text: string;
  /** True: a `*` follows it in the text. */
  prefix: boolean;
  position: number;
}

const SPACE = /\s/;

/** Reads values of a term from left to right: `a,"b c",d*`. Throws `FilterError`. */
export class ValueScanner {
  readonly #text: string;
  /** A filter has terms behind the values; the argument of an option ends with them. */
  readonly #endsAtSpace: boolean;
  #at: number;

  constructor(text: string, from: number, endsAtSpace: boolean) {
    this.#text = text;
    this.#at = from;
    this.#endsAtSpace = endsAtSpace;
  }

  /** The position behind the values. */
  get end(): number {
    return this.#at;
  }

  values(): RawValue[] {
    const values = [this.#value()];
    while (this.#text[this.#at] === ',') {
      this.#at++;
      values.push(this.#value());
    }
    return values;
  }

  #value(): RawValue {
    const position = this.#at;
    const quoted = this.#text[this.#at] === '"';
    const text = quoted ? this.#quoted() : this.#bare();
    const prefix = this.#text[this.#at] === '*';
    if (prefix) this.#at++;
    if (!this.#isEnd()) this.#complain(quoted);
    if (text === '' && !prefix && !quoted) throw new FilterError('missing value', position);
    return { text, prefix, position };
  }

  #bare(): string {
    const from = this.#at;
    while (!this.#isEnd() && this.#text[this.#at] !== '*' && this.#text[this.#at] !== '"') this.#at++;
    return this.#text.slice(from, this.#at);
  }

  /** `\"` and `\\` inside stand for `"` and `\`. */
  #quoted(): string {
    const from = this.#at++;
    let text = '';
    for (;;) {
      const character = this.#text[this.#at++];
      if (character === undefined) throw new FilterError("missing closing '\"'", from);
      if (character === '"') return text;
      text += character === '\\' ? this.#escaped() : character;
    }
  }

  #escaped(): string {
    const character = this.#text[this.#at++];
    if (character === '"' || character === '\\') return character;
    throw new FilterError(`in quotes a '\\' must be followed by '"' or '\\'`, this.#at - 1);
  }

  #isEnd(): boolean {
    const character = this.#text[this.#at];
    return character === undefined || character === ',' || (this.#endsAtSpace && SPACE.test(character));
  }

  #complain(quoted: boolean): never {
    if (this.#text[this.#at] === '"' && !quoted)
      throw new FilterError("a value that has a '\"' must begin with one, with '\\\"' inside", this.#at);
    if (this.#text[this.#at - 1] === '*')
      throw new FilterError("'*' may stand at the end of a value only; put a literal one in quotes", this.#at - 1);
    throw new FilterError("expected ',' or a space after the closing '\"'", this.#at);
  }
}
