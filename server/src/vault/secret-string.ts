// A secret that does not show itself: in a log, a JSON body, a template or an inspection it reads `[secret]`.
// `reveal()` is for the last hop, where the request is written, and for nobody else.

const HIDDEN = '[secret]';

export class SecretString {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
    Object.freeze(this);
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.toPrimitive](): string {
    return HIDDEN;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return HIDDEN;
  }
}
