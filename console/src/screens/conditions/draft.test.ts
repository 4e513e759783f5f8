import { describe, expect, it } from 'vitest';
import type { Settings } from '../../api/conditions.ts';
import { draftOf, settingsOf } from './draft.ts';

const none: Settings = { hours: null, networks: null, countries: null, posture: null, training: null, cases: 'support' };
const all: Settings = {
  hours: { timeZone: 'Europe/Berlin', days: { mon: { from: '08:00', to: '17:00' } }, outside: 'refuse', applies: 'all' },
  networks: { inside: ['203.0.113.0/24', '2001:db8::/32'], outside: 'step_up', applies: 'privileged' },
  countries: { allowed: ['DE', 'AT'], outside: 'refuse', applies: 'privileged' },
  posture: { outside: 'step_up', applies: 'all' },
  training: { required: ['data-protection'], outside: 'refuse', applies: 'all' },
  cases: 'everybody',
};

describe('the draft of conditions', () => {
  it('gives back what it was made of, on or off', () => {
    for (const settings of [none, all]) expect(settingsOf(draftOf(settings, 'UTC'))).toEqual(settings);
  });

  it('reads lists with commas, spaces and lines between, and countries in any case', () => {
    const draft = { ...draftOf(all, 'UTC'), ranges: '10.0.0.0/8,\n 192.0.2.0/24  ', countries: 'de at', courses: ' a , b' };
    const { networks, countries, training } = settingsOf(draft);
    expect([networks?.inside, countries?.allowed, training?.required]).toEqual([
      ['10.0.0.0/8', '192.0.2.0/24'],
      ['DE', 'AT'],
      ['a', 'b'],
    ]);
  });
});
