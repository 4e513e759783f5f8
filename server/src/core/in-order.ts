// Work that is done one piece after the other, so that an older read never overwrites a newer one and nobody writes into another's half.

export interface InOrder {
  /** Begins once everything before it has ended, however that ended; its caller sees its failure, nobody after it does. */
  run<T>(work: () => T | Promise<T>): Promise<T>;
  /** Until everything that was given so far has ended. */
  idle(): Promise<void>;
}

export function createInOrder(): InOrder {
  let tail: Promise<void> = Promise.resolve();
  return {
    run(work) {
      const done = tail.then(work);
      tail = done.then(
        () => undefined,
        () => undefined,
      );
      return done;
    },
    idle: () => tail,
  };
}
