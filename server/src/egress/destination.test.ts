import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAllowList, parseDestination, refuseDestination } from './destination.ts';
import { EgressFault } from './errors.ts';

const codeOf = (origin: string, allow: readonly string[] = []): string | null => {
  const destination = parseDestination(origin);
  if (destination instanceof EgressFault) return destination.code;
  return refuseDestination(destination, parseAllowList(allow))?.code ?? null;
};

describe('destinations', () => {
  test.each([
    'https://2130706433',
    'https://0x7f000001',
    'https://0177.0.0.1',
    'https://127.1',
    'https://0x7f.1',
    'https://example.com.',
    'https://EXAMPLE.com',
    'https://user@example.com',
    'https://user:pw@example.com',
    'https://b\u00fccher.example',
    'https://example.com/',
    'https://example.com/x',
    'https://example.com?x',
    'https://example.com#x',
    'https://example.com:443',
    'http://example.com:80',
    'https://example.com:0',
    'https://example.com:65536',
    'https://example.com:0443',
    'https://example.com:',
    'https://',
    'https://[::1',
    'https://[::1%25eth0]',
    'https://[0:0:0:0:0:0:0:1]',
    'https://a..b',
    'https://-a.example',
    'https://a b',
    'https://exa\tmple.com',
    ' https://example.com',
    'ftp://example.com',
    'file:///etc/passwd',
    'example.com',
    'https://example.com\\@evil.example',
    'https://\u2488.com',
    'https://[::ffff:127.0.0.1]',
    `https://${'a'.repeat(64)}.example`,
    `https://${'a.'.repeat(200)}example`,
  ])('refuses the spelling %j', (origin) => {
    expect(codeOf(origin)).toBe('EGRESS_DESTINATION_MALFORMED');
  });

  test.each(['https://example.com', 'https://api.example.com:8443', 'https://xn--bcher-kva.example', 'https://[2606:4700::1111]'])(
    'takes %s',
    (origin) => {
      expect(codeOf(origin)).toBeNull();
    },
  );

  test('plain http is refused unless the operator listed the place', () => {
    expect(codeOf('http://example.com')).toBe('EGRESS_PLAINTEXT_FORBIDDEN');
    expect(codeOf('http://127.0.0.1:4900')).toBe('EGRESS_PLAINTEXT_FORBIDDEN');
    expect(codeOf('http://127.0.0.1:4900', ['127.0.0.1:4900'])).toBeNull();
    expect(codeOf('http://127.0.0.1:4901', ['127.0.0.1:4900'])).toBe('EGRESS_PLAINTEXT_FORBIDDEN');
    expect(codeOf('http://localhost', ['localhost:80'])).toBeNull();
  });

  test('ports of other services are refused', () => {
    expect(codeOf('https://example.com:25')).toBe('EGRESS_PORT_FORBIDDEN');
    expect(codeOf('https://example.com:22')).toBe('EGRESS_PORT_FORBIDDEN');
    expect(codeOf('https://mail.lan:25', ['mail.lan:25'])).toBeNull();
  });

  test.each(['', 'localhost', 'http://localhost:1', 'local host:1', 'a:b', 'a:99999', '*:80', 'localhost:80/x'])(
    'an allow-list entry %j stops the start',
    (entry) => {
      expect(() => parseAllowList([entry])).toThrow(EgressFault);
    },
  );

  test('no text at all makes the parser throw or yields a host the platform reads differently', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((text) => `https://${text}`),
        ),
        (text) => {
          const destination = parseDestination(text);
          if (destination instanceof EgressFault) return;
          const url = new URL(text);
          expect(url.origin).toBe(text);
          expect(url.hostname.replace(/^\[|\]$/g, '')).toBe(destination.hostname);
          expect(Number(url.port || (destination.isTls ? 443 : 80))).toBe(destination.port);
        },
      ),
    );
  });
});
