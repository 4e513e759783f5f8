// The time of a process whose machine's clock is set back and forth.

import { describe, expect, it } from 'vitest';
import { type ClockJump, createSteadyClock } from './steady-clock.ts';

const START = 1_800_000_000_000;

function world() {
  const machine = { wall: START, monotonic: 50 };
  const clock = createSteadyClock(
    () => machine.wall,
    () => machine.monotonic,
  );
  const jumps: ClockJump[] = [];
  clock.onJump((jump) => jumps.push(jump));
  return {
    jumps,
    clock,
    pass(ms: number) {
      machine.wall += ms;
      machine.monotonic += ms;
      return clock.now() - START;
    },
    set(byMs: number) {
      machine.wall += byMs;
      return clock.now() - START;
    },
  };
}

describe('a steady clock', () => {
  it('is the machine’s clock while nobody sets that', () => {
    const { pass, jumps } = world();
    expect([pass(0), pass(10), pass(3_600_000)]).toEqual([0, 10, 3_600_010]);
    expect(jumps).toEqual([]);
  });

  it('goes on in its own time when the machine’s clock is set back, and says so once', () => {
    const { pass, set, jumps } = world();
    pass(5_000);
    expect(set(-3_600_000)).toBe(5_000);
    expect([pass(1_000), pass(1_000)]).toEqual([6_000, 7_000]);
    expect(jumps).toEqual([{ byMs: -3_600_000 }]);
  });

  it('follows again once the machine’s clock has caught up', () => {
    const { pass, set, jumps } = world();
    set(-60_000);
    expect(pass(10)).toBe(10);
    expect(set(60_000)).toBe(10);
    expect(pass(10)).toBe(20);
    expect(jumps.map(({ byMs }) => byMs)).toEqual([-60_000, 60_000]);
  });

  it('follows a clock that is set forward, and says so', () => {
    const { pass, set, jumps } = world();
    expect(set(90_000)).toBe(90_000);
    expect(pass(1)).toBe(90_001);
    expect(jumps).toEqual([{ byMs: 90_000 }]);
  });

  it('takes small corrections in either direction without a word, and never goes back for one', () => {
    const { pass, set, jumps } = world();
    pass(1_000);
    expect([set(-400), pass(100), set(300), set(500)]).toEqual([1_000, 1_100, 1_100, 1_500]);
    expect(jumps).toEqual([]);
  });

  it('is neither led back nor held up by many small steps, and says what they add up to', () => {
    const { set, pass, jumps } = world();
    for (let step = 0; step < 10; step += 1) set(-900);
    expect(pass(10)).toBe(10);
    expect(jumps.map(({ byMs }) => byMs)).toEqual([-1_800, -1_800, -1_800, -1_800, -1_800]);
  });
});
