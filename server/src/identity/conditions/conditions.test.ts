import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCountries } from './countries.ts';
import { type Hours, isInHours } from './hours.ts';
import { clientAddress, isInAny, networkOf, parseAddress, parseRange } from './networks.ts';
import { conditionSettings, freezeOn, loosenedParts } from './settings.ts';

const range = (text: string) => {
  const parsed = parseRange(text);
  if (parsed === null) throw new Error(text);
  return parsed;
};
const address = (text: string) => {
  const parsed = parseAddress(text);
  if (parsed === null) throw new Error(text);
  return parsed;
};

describe('an address', () => {
  it.each([
    ['203.0.113.7', true],
    ['::1', true],
    ['2001:db8::8:800:200c:417a', true],
    ['::ffff:203.0.113.7', true],
    ['fe80::1%eth0', true],
    ['203.0.113', false],
    ['203.0.113.256', false],
    ['203.0.113.07', false],
    ['0x7f.0.0.1', false],
    ['1::2::3', false],
    ['1:2:3:4:5:6:7', false],
    ['1:2:3:4:5:6:7:8:9', false],
    ['', false],
    ['localhost', false],
    ['203.0.113.7 ', false],
  ])('%j is one: %s', (text, isOne) => {
    expect(parseAddress(text) !== null).toBe(isOne);
  });

  it('mapped into IPv6 is the IPv4 address it is', () => {
    expect(address('::ffff:10.1.2.3')).toEqual(address('10.1.2.3'));
    expect(isInAny(address('::ffff:10.1.2.3'), [range('10.0.0.0/8')])).toBe(true);
  });

  it('is in the range its first bits say, for any address and length', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.ipV4(), (base, length, other) => {
        const size = 2 ** (32 - length);
        const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
        const first = Math.floor(number(base) / size) * size;
        const text = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.');
        expect(isInAny(address(other), [range(`${text}/${length}`)])).toBe(Math.floor(number(other) / size) * size === first);
      }),
    );
  });

  it('stays in its network when its last part changes, and leaves it with the one before', () => {
    expect(networkOf(address('203.0.113.7'))).toBe(networkOf(address('203.0.113.250')));
    expect(networkOf(address('203.0.113.7'))).not.toBe(networkOf(address('203.0.114.7')));
    expect(networkOf(address('2001:db8:1:2::1'))).toBe(networkOf(address('2001:db8:1:ffff::9')));
    expect(networkOf(address('2001:db8:2::1'))).not.toBe(networkOf(address('2001:db8:1::1')));
  });

  it.each(['10.0.0.1/8', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/08', '10.0.0.0/8/8', '2001:db8::/129', 'x/8', '10.0.0.0/'])(
    '%j is no range',
    (text) => {
      expect(parseRange(text)).toBe(null);
    },
  );
});

describe('whose request it is, behind proxies', () => {
  const trusted = [range('10.0.0.0/8'), range('2001:db8::/32')];
  it.each([
    ['without trusted proxies the socket’s, whatever a header says', '203.0.113.9', '10.0.0.1, 198.51.100.1', [], '203.0.113.9'],
    ['of a stranger who sends the header, the stranger’s', '203.0.113.9', '198.51.100.1', trusted, '203.0.113.9'],
    ['behind one proxy the last entry', '10.0.0.1', '198.51.100.1', trusted, '198.51.100.1'],
    ['what the client wrote before it is not believed', '10.0.0.1', '192.0.2.66, 198.51.100.1', trusted, '198.51.100.1'],
    ['behind two proxies the entry before the second', '10.0.0.1', '192.0.2.66, 198.51.100.1, 10.9.9.9', trusted, '198.51.100.1'],
    ['an entry with its port', '10.0.0.1', '198.51.100.1:4711', trusted, '198.51.100.1'],
    ['an IPv6 entry with its port', '2001:db8::1', '[2001:dba::5]:443', trusted, '2001:dba::5'],
    ['nobody’s when a trusted proxy passes on rubbish', '10.0.0.1', '198.51.100.1, unknown', trusted, null],
    ['the proxy’s own when it says nothing', '10.0.0.1', '', trusted, '10.0.0.1'],
    ['unknown without a socket', undefined, '198.51.100.1', trusted, null],
  ])('%s', (_what, socket, header, proxies, expected) => {
    expect(clientAddress(socket, header, proxies)).toBe(expected);
  });
});

describe('working hours', () => {
  const berlin: Hours = { timeZone: 'Europe/Berlin', days: { mon: { from: '09:00', to: '17:30' }, fri: { from: '22:00', to: '06:00' } } };
  it.each([
    ['the first minute', '2026-11-23T08:00:00Z', true],
    ['the minute before', '2026-11-23T07:59:59Z', false],
    ['the last minute', '2026-11-23T16:29:59Z', true],
    ['the minute after', '2026-11-23T16:30:00Z', false],
    ['the same hour in summer is another in UTC', '2026-07-20T07:00:00Z', true],
    ['a day without hours', '2026-11-24T10:00:00Z', false],
    ['a night begins', '2026-11-27T21:00:00Z', true],
    ['and goes on after midnight', '2026-11-28T04:59:00Z', true],
    ['and ends', '2026-11-28T05:00:00Z', false],
  ])('%s', (_what, at, isIn) => {
    expect(isInHours(berlin, Date.parse(at))).toBe(isIn);
  });
});

describe('the file of countries', () => {
  const file = parseCountries(
    ['network,country,lat,lon', '203.0.112.0/20,DE,52.52,13.40', '203.0.113.0/24,FR,48.85,2.35', '2001:db8::/32,JP', '# end', ''].join(
      '\n',
    ),
  );
  it('answers with the narrowest range, and with nothing where it says nothing', () => {
    expect(file.find(address('203.0.113.9'))).toEqual({ country: 'FR', at: { latitude: 48.85, longitude: 2.35 } });
    expect(file.find(address('203.0.114.9'))?.country).toBe('DE');
    expect(file.find(address('203.0.128.0'))).toBe(null);
    expect(file.find(address('203.0.111.255'))).toBe(null);
    expect(file.find(address('2001:db8:5::1'))).toEqual({ country: 'JP', at: null });
    expect(file.find(address('2001:db9::1'))).toBe(null);
  });

  it.each([
    '10.0.0.0/8,DE\n203.0.113.0/24,Germany',
    '10.0.0.0/8,DE\n203.0.113.1/24,DE',
    '10.0.0.0/8,DE\n10.0.0.0/8,DE,95,0',
    '10.0.0.0/8,DE\n10.0.0.0/8,DE,5',
  ])('with a line that says something else is refused, with the number of the line', (text) => {
    expect(() => parseCountries(text)).toThrow('line 2');
  });
});

describe('settings of conditions', () => {
  const none = conditionSettings.parse({});
  const networks = { inside: ['203.0.113.0/24'], outside: 'refuse', applies: 'all' } as const;
  const hours = {
    timeZone: 'Europe/Berlin',
    days: { mon: { from: '09:00', to: '17:00' } },
    outside: 'refuse',
    applies: 'privileged',
  } as const;

  it('ask for nothing unless somebody says so', () => {
    expect(none).toEqual({ hours: null, networks: null, countries: null, posture: null, training: null, cases: 'support' });
  });

  it.each([
    ['off', { networks }, {}, ['networks']],
    ['a step-up instead of a refusal', { networks }, { networks: { ...networks, outside: 'step_up' } }, ['networks']],
    ['privileged acts instead of all', { networks }, { networks: { ...networks, applies: 'privileged' } }, ['networks']],
    ['a further network', { networks }, { networks: { ...networks, inside: [...networks.inside, '198.51.100.0/24'] } }, ['networks']],
    ['a longer day', { hours }, { hours: { ...hours, days: { mon: { from: '09:00', to: '18:00' } } } }, ['hours']],
    ['a further day', { hours }, { hours: { ...hours, days: { ...hours.days, sun: { from: '09:00', to: '10:00' } } } }, ['hours']],
    ['a night instead of a day', { hours }, { hours: { ...hours, days: { mon: { from: '09:00', to: '08:00' } } } }, ['hours']],
    ['another zone', { hours }, { hours: { ...hours, timeZone: 'Asia/Tokyo' } }, ['hours']],
    [
      'fewer courses',
      { training: { required: ['a', 'b'], outside: 'refuse', applies: 'all' } },
      { training: { required: ['a'], outside: 'refuse', applies: 'all' } },
      ['training'],
    ],
    ['cases for support alone', { cases: 'everybody' }, {}, ['cases']],
    ['nothing: switched on', {}, { networks, hours }, []],
    ['nothing: a shorter day', { hours }, { hours: { ...hours, days: { mon: { from: '10:00', to: '16:00' } } } }, []],
    ['nothing: the same', { networks, hours }, { networks, hours }, []],
  ])('loosen by %s', (_what, before, after, parts) => {
    expect(loosenedParts(conditionSettings.parse(before), conditionSettings.parse(after))).toEqual(parts);
  });

  it('freeze what they name, from the first moment to the last, until lifted', () => {
    const freeze = { id: 'frz_1', fromMs: 100, toMs: 200, stops: ['publishing' as const], reason: 'Black Friday', liftedAtMs: null };
    const on = (nowMs: number, what: 'publishing' | 'access' = 'publishing') => freezeOn({ freezes: [freeze] }, what, nowMs) !== null;
    expect([on(99), on(100), on(199), on(200), on(150, 'access')]).toEqual([false, true, true, false, false]);
    expect(freezeOn({ freezes: [{ ...freeze, liftedAtMs: 120 }] }, 'publishing', 150)).toBe(null);
  });
});
