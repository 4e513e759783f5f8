import { describe, expect, it } from 'vitest';
import { detect } from './detect.ts';

function found(text: string): string[] {
  return detect(text)
    .filter((span) => span.personal)
    .map((span) => `${span.type} ${text.slice(span.start, span.end)}`);
}

const b64 = (text: string): string => Buffer.from(text).toString('base64');

describe('structural recognisers', () => {
  it.each([
    ['mail anna@example.com.', 'EMAIL anna@example.com'],
    ["'a+b@sub.example.co.uk'", 'EMAIL a+b@sub.example.co.uk'],
    ['email=anna@example.com&x=1', 'EMAIL anna@example.com'],
    ['"anna b"@example.com', 'EMAIL "anna b"@example.com'],
    ['müller@exämple.de', 'EMAIL müller@exämple.de'],
    ['anna@[192.0.2.17]', 'EMAIL anna@[192.0.2.17]'],
    ['O\u2019NEILL_A@EXAMPLE.ORG', 'EMAIL O\u2019NEILL_A@EXAMPLE.ORG'],
    ['+1 415 555 0132', 'PHONE +1 415 555 0132'],
    ['call (415) 555-0132 ext. 12', 'PHONE (415) 555-0132 ext. 12'],
    ['415.555.0132', 'PHONE 415.555.0132'],
    ['020 7946 0958', 'PHONE 020 7946 0958'],
    ['0044 20 7946 0958', 'PHONE 0044 20 7946 0958'],
    ['+49 (0)30 901820', 'PHONE +49 (0)30 901820'],
    ['06.12.34.56.78', 'PHONE 06.12.34.56.78'],
    ['tel 4155550132', 'PHONE 4155550132'],
    ['\u0660\u0663\u0660 \u0669\u0660\u0661\u0668\u0662\u0660', 'PHONE \u0660\u0663\u0660 \u0669\u0660\u0661\u0668\u0662\u0660'],
    ['4242 4242 4242 4242', 'CARD 4242 4242 4242 4242'],
    ['4242424242424242', 'CARD 4242424242424242'],
    ['3782-822463-10005', 'CARD 3782-822463-10005'],
    ['card 36227206271667', 'CARD 36227206271667'],
    ['GB82 WEST 1234 5698 7654 32', 'IBAN GB82 WEST 1234 5698 7654 32'],
    ['de89370400440532013000', 'IBAN de89370400440532013000'],
    ['10.0.0.1:8080', 'IP 10.0.0.1'],
    ['from 192.0.2.17, then', 'IP 192.0.2.17'],
    ['order 7v 192.0.2.17', 'IP 192.0.2.17'],
    ['2001:db8::ff00:42:8329', 'IP 2001:db8::ff00:42:8329'],
    ['ip:2001:db8:0:1:2:3:4:5', 'IP 2001:db8:0:1:2:3:4:5'],
    ['::ffff:192.0.2.17', 'IP ::ffff:192.0.2.17'],
    ['123-45-6789', 'SSN 123-45-6789'],
    ['SSN 123 45 6789', 'SSN 123 45 6789'],
    ['see https://shop.example/u/anna77.', 'URL https://shop.example/u/anna77'],
    ['https://x.example/?email=a%40b.example', 'URL https://x.example/?email=a%40b.example'],
    ['https://x.example/reset?token=abc', 'URL https://x.example/reset?token=abc'],
    ['www.example.com/@anna', 'URL www.example.com/@anna'],
    ['sk_live_abcdefghijklmnop1234', 'SECRET sk_live_abcdefghijklmnop1234'],
    ['AKIAIOSFODNN7EXAMPLE', 'SECRET AKIAIOSFODNN7EXAMPLE'],
    [`sp_abc_${'a1'.repeat(30)}`, `SECRET sp_abc_${'a1'.repeat(30)}`],
    ['password: hunter2!', 'SECRET hunter2!'],
    ['Authorization: Bearer abc123def', 'SECRET abc123def'],
  ])('finds the one value in %j', (text, expected) => {
    expect(found(text)).toEqual([expected]);
  });

  it.each([
    'logo@2x.png and name@1.2.3',
    'order 0612345678',
    '5551234567',
    '2026-08-12 14:30, 12.08.2026, 08/12/2026',
    'EAN 4006381333931, GTIN 4006381333931',
    'tracking 00340434161094015902',
    'Version 2.14.3.1 and v1.2.3.4 and Chrome/1.2.3.4 and firmware: 1.2.3.4',
    'std::vector and a::b and 12:30:45 and ::1',
    '000-12-3456 and 666-12-3456 and 912-34-5678 and 123-00-4567',
    'GB82 WEST 1234 5698 7654 33',
    '4242 4242 4242 4241',
    'invoice no. 2026-004512, 30x40x120 mm, HS 6403.99, 1,234,567.89',
    '52.520008, 13.404954 and 3.14159265358',
    'ISBN 978-3-16-148410-0',
    'password: required',
    'https://shop.example/products/4242424242424242?variant=12345678901',
    'the quick brown fox',
  ])('finds nothing personal in %j', (text) => {
    expect(found(text)).toEqual([]);
  });

  it('lists a link that carries nothing, and says that it is not personal', () => {
    expect(detect('see https://shop.example/p/1')).toMatchObject([{ type: 'URL', personal: false, start: 4, end: 28 }]);
  });

  it('gives a link that holds an address of a person as one span', () => {
    expect(found('go https://x.example/anna@example.com/orders now')).toEqual(['URL https://x.example/anna@example.com/orders']);
  });

  it('takes the whole link for a secret when it holds a password or a key', () => {
    expect(found('https://user:pw12@host.example/x')).toEqual(['SECRET https://user:pw12@host.example/x']);
    expect(found('https://x.example/?k=sk_live_abcdefghijklmnop1234')).toEqual([
      'SECRET https://x.example/?k=sk_live_abcdefghijklmnop1234',
    ]);
  });

  it('finds the verification value beside a card and on its own', () => {
    expect(found('4242 4242 4242 4242 exp 12/27 cvv 123')).toEqual(['CARD 4242 4242 4242 4242', 'SECRET 123']);
    expect(found('CVC: 1234, card 4242424242424242')).toEqual(['SECRET 1234', 'CARD 4242424242424242']);
    expect(found('my cvv is 123')).toEqual(['SECRET 123']);
    expect(found('room 123, 4 pcs')).toEqual([]);
  });

  it('finds the whole block of a private key', () => {
    const key = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIE'.repeat(20)}\n-----END RSA PRIVATE KEY-----`;
    expect(found(`a ${key} b`)).toEqual([`SECRET ${key}`]);
  });

  it('does not let an account number be eaten as a card', () => {
    expect(found('IBAN GB82 WEST 1234 5698 7654 32')).toEqual(['IBAN GB82 WEST 1234 5698 7654 32']);
  });

  it.each([
    ['percent', 'john%40example.com'],
    ['twice percent', 'john%2540example.com'],
    ['JSON', 'john\\u0040example.com'],
    ['HTML', 'john&#64;example.com'],
    ['named HTML', 'john&commat;example.com'],
    ['zero width', 'jo\u200bhn@exa\u200dmple.com'],
    ['full width', '\uff4a\uff4f\uff48\uff4e\uff20\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45\uff0e\uff43\uff4f\uff4d'],
    ['base64', b64('john@example.com')],
    ['base64 of percent', b64('write to john%40example.com')],
  ])('covers an address in %s disguise, in offsets of the original', (_, disguised) => {
    const text = `a ${disguised} b`;
    expect(detect(text)).toMatchObject([{ start: 2, end: 2 + disguised.length, type: 'EMAIL' }]);
  });

  it('believes the shape of phone numbers once it has asked often enough', () => {
    const impossible = Array.from({ length: 3000 }, (_, index) => `111-111-${1000 + index}`);
    const spans = detect(impossible.join(', '));
    expect(spans.length).toBeGreaterThan(0);
    expect(spans.length).toBeLessThan(impossible.length);
    expect(spans.at(-1)?.end).toBe(impossible.join(', ').length);
  });

  it('looks for national numbers of the regions it is told', () => {
    expect(detect('20 26 08 12')).toEqual([]);
    expect(detect('20 26 08 12', { regions: ['DK'] })).toMatchObject([{ type: 'PHONE' }]);
    expect(detect('call 415-555-0132', { regions: ['xx'] })).toEqual([]);
  });
});
