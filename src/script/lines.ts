import { StringDecoder } from 'node:string_decoder';

/** Longest line that is kept; the rest of a longer one is dropped, so that a flood without newlines stays small. */
const maximumLine = 8192;

/**
 * Cuts a stream of octets into lines as the runner does (LF, CRLF and CR end a line), with bounded memory.
 */
export class LineReader {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  #partial = '';
  #dropped = 0;
  #afterCarriageReturn = false;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  write(octets: Buffer): void {
    this.#take(this.#decoder.write(octets));
  }

  /** Hands out a last line that no newline ended. */
  end(): void {
    this.#take(this.#decoder.end());
    if (this.#partial !== '') {
      this.#flush();
    }
  }

  #take(text: string): void {
    let start = this.#afterCarriageReturn && text.startsWith('\n') ? 1 : 0;
    if (text !== '') {
      this.#afterCarriageReturn = false;
    }
    const lineEnd = /\r\n|\n|\r/g;
    lineEnd.lastIndex = start;
    for (let match = lineEnd.exec(text); match !== null; match = lineEnd.exec(text)) {
      this.#append(text.slice(start, match.index));
      this.#flush();
      start = lineEnd.lastIndex;
      this.#afterCarriageReturn = match[0] === '\r' && start === text.length;
    }
    this.#append(text.slice(start));
  }

  #append(text: string): void {
    const room = maximumLine - this.#partial.length;
    this.#partial += text.slice(0, room);
    this.#dropped += Math.max(0, text.length - room);
  }

  #flush(): void {
    const note = this.#dropped > 0 ? `… (${this.#dropped} more characters)` : '';
    this.#onLine(this.#partial + note);
    this.#partial = '';
    this.#dropped = 0;
  }
}
