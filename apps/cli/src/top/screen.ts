import { escapeControls } from '@drover/core';
import { reveal } from '../terminal/colors.js';

const ESC = '\u001b[';
const ENTER = `${ESC}?1049h${ESC}?25l`;
const LEAVE = `${ESC}?25h${ESC}?1049l`;

/** The alternate screen of a terminal: each frame is one write, and nothing stays behind. */
export class Screen {
  readonly #stream: NodeJS.WriteStream;
  #isOpen = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  get rows(): number {
    return this.#stream.rows;
  }

  get columns(): number {
    return this.#stream.columns;
  }

  /** Lines beyond the screen are left out. */
  draw(frame: string): void {
    const lines = frame.split('\n').slice(0, this.rows);
    const text = lines.map((line) => `${reveal(line, escapeControls)}${ESC}K`).join('\r\n');
    this.#stream.write(`${this.#isOpen ? '' : ENTER}${ESC}H${text}${ESC}J`);
    this.#isOpen = true;
  }

  /** The terminal is as it was. May be called more than once. */
  close(): void {
    if (this.#isOpen) this.#stream.write(LEAVE);
    this.#isOpen = false;
  }
}
