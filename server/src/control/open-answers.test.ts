import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { PersonPrincipal } from '#core';
import { endWithSession, isStream } from './open-answers.ts';

const person = {} as PersonPrincipal;

function world() {
  let [isValid, listeners] = [true, [] as (() => void)[]];
  return {
    end: () => {
      isValid = false;
      for (const listener of listeners) listener();
    },
    change: () => {
      for (const listener of listeners) listener();
    },
    get listening() {
      return listeners.length;
    },
    onChange: (listener: () => void) => {
      listeners.push(listener);
      return () => {
        listeners = listeners.filter((one) => one !== listener);
      };
    },
    stillValid: () => isValid,
  };
}

const closed = (stream: Readable): Promise<string> =>
  new Promise((resolve) => {
    let fault = 'whole';
    stream.on('error', (error) => {
      fault = error.message;
    });
    stream.on('close', () => resolve(fault));
    stream.resume();
  });

describe('an answer that takes long', () => {
  it('breaks off when its session ends, and not when another one does', async () => {
    const watched = world();
    const body = endWithSession(watched, person, new Readable({ read: () => undefined }));
    watched.change();
    expect([body.destroyed, watched.listening]).toEqual([false, 1]);
    const ended = closed(body);
    watched.end();
    expect(await ended).toBe('the session ended');
    expect(watched.listening).toBe(0);
  });

  it('that is whole is watched no longer', async () => {
    const watched = world();
    expect(await closed(endWithSession(watched, person, Readable.from(['a', 'b'])))).toBe('whole');
    expect(watched.listening).toBe(0);
  });

  it('is told from an answer in one piece', () => {
    expect([isStream(Readable.from(['a'])), isStream({ a: 1 }), isStream('text'), isStream(null)]).toEqual([true, false, false, false]);
  });
});
