import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBulk, isImpossibleTravel, levelOf, SIGNALS, signalsOf, type Usual, worst } from './signals.ts';

const BERLIN = { country: 'DE', at: { latitude: 52.52, longitude: 13.4 } };
const TOKYO = { country: 'JP', at: { latitude: 35.68, longitude: 139.69 } };
const PARIS = { country: 'FR', at: { latitude: 48.85, longitude: 2.35 } };
const HOUR = 3_600_000;
const usual: Usual = { device: new Set(['d1']), network: new Set(['n1']), country: new Set(['DE']), last: null };
const seen = { device: 'd1', network: 'n1', country: 'DE', sighting: null, isOutsideHours: false };

describe('signals of a session', () => {
  it.each([
    ['the usual', usual, seen, []],
    ['another device', usual, { ...seen, device: 'd2' }, ['new_device']],
    ['another network', usual, { ...seen, network: 'n2' }, ['new_network']],
    ['another country', usual, { ...seen, country: 'FR' }, ['new_country']],
    ['what can not be told', usual, { ...seen, device: null, network: null, country: null }, []],
    ['a person’s first time', { ...usual, device: new Set<string>(), network: new Set<string>(), country: new Set<string>() }, seen, []],
    ['late at night', usual, { ...seen, isOutsideHours: true }, ['off_hours']],
  ])('%s', (_what, known, now, expected) => {
    expect([...signalsOf(known, now)]).toEqual(expected);
  });

  it('tell travel that nobody makes from a flight, and say nothing without coordinates', () => {
    const at = (place: typeof BERLIN | { country: string; at: null }, hours: number) => ({ place, atMs: hours * HOUR });
    expect(isImpossibleTravel(at(BERLIN, 0), at(TOKYO, 1))).toBe(true);
    expect(isImpossibleTravel(at(BERLIN, 0), at(TOKYO, 13))).toBe(false);
    expect(isImpossibleTravel(at(BERLIN, 0), at(PARIS, 1))).toBe(false);
    expect(isImpossibleTravel(at(BERLIN, 0), at(PARIS, 0.1))).toBe(true);
    // A clock that was put back is no reason to believe it.
    expect(isImpossibleTravel(at(BERLIN, 5), at(TOKYO, 1))).toBe(true);
    expect(isImpossibleTravel(at(BERLIN, 0), at({ country: 'JP', at: null }, 1))).toBe(null);
    const signals = signalsOf({ ...usual, last: at(BERLIN, 0) }, { ...seen, sighting: at(TOKYO, 1) });
    expect([...signals]).toEqual(['impossible_travel']);
    expect(levelOf(signals)).toBe('high');
  });

  it('are never better together than one of them alone', () => {
    fc.assert(
      fc.property(fc.subarray([...SIGNALS]), fc.subarray([...SIGNALS]), (some, more) => {
        const [few, all] = [levelOf(new Set(some)), levelOf(new Set([...some, ...more]))];
        expect(worst(few, all)).toBe(all);
      }),
    );
  });

  it('of a thief’s kind make high what each alone does not', () => {
    expect(levelOf(new Set(['new_device']))).toBe('raised');
    expect(levelOf(new Set(['new_device', 'new_country']))).toBe('high');
    expect(levelOf(new Set(['new_network', 'off_hours']))).toBe('raised');
  });

  it('call reads bulk only above a floor and above what the person does in a busy hour', () => {
    expect([isBulk(2_000, 0), isBulk(2_001, 0), isBulk(2_001, 2_000), isBulk(6_001, 2_000)]).toEqual([false, true, false, true]);
  });
});
