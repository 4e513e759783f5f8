import { afterEach, describe, expect, test } from 'vitest';
import { createEgress, type Egress } from './egress.ts';
import { clock, fixture, httpUpstream, requestTo, type TestUpstream, tlsUpstream, UPSTREAM_NAME } from './test/upstream.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

async function given(
  certificate: string,
  options: { trusted?: boolean; server?: object } = {},
): Promise<{ egress: Egress; upstream: TestUpstream; originOf: (name: string) => string }> {
  const upstream = await tlsUpstream(certificate, options.server);
  const egress = createEgress({
    clock,
    resolve: async () => ['127.0.0.1'],
    ownAddresses: () => [],
    allowPrivate: [`${UPSTREAM_NAME}:${upstream.port}`, `other.example.com:${upstream.port}`, `127.0.0.1:${upstream.port}`],
    extraAuthorities: options.trusted === false ? [] : [fixture('authority.pem')],
  });
  open.push(upstream, { [Symbol.asyncDispose]: () => egress.close() });
  return { egress, upstream, originOf: (name) => `https://${name}:${upstream.port}` };
}

const outcome = (egress: Egress, origin: string): Promise<unknown> =>
  egress.requestJson(requestTo(origin)).then(
    (reply) => Buffer.from(reply.body).toString(),
    (fault: { code: string; sent: boolean }) => [fault.code, fault.sent],
  );

describe('TLS to an upstream', () => {
  test('works with an authority the operator added, over repeated connections', async () => {
    const { egress, originOf } = await given('upstream.pem');
    expect(await outcome(egress, originOf(UPSTREAM_NAME))).toBe('over tls');
    expect(await outcome(egress, originOf(UPSTREAM_NAME))).toBe('over tls');
    expect(await egress.check(originOf(UPSTREAM_NAME))).toBeNull();
  });

  test.each([
    ['an authority nobody trusts', 'upstream.pem', UPSTREAM_NAME, false],
    ['an expired certificate', 'upstream-expired.pem', UPSTREAM_NAME, true],
    ['a self-signed certificate', 'upstream-self-signed.pem', UPSTREAM_NAME, true],
    ['a certificate for another name', 'upstream.pem', 'other.example.com', true],
    ['a certificate that does not name the address', 'upstream.pem', '127.0.0.1', true],
  ])('refuses %s, and no request is sent', async (_what, certificate, name, trusted) => {
    const { egress, originOf } = await given(certificate, { trusted });
    expect(await outcome(egress, originOf(name))).toEqual(['EGRESS_TLS_UNTRUSTED', false]);
    expect(await egress.check(originOf(name))).toMatchObject({ code: 'EGRESS_TLS_UNTRUSTED', retryable: false });
  });

  test('refuses anything older than TLS 1.2', async () => {
    const { egress, originOf } = await given('upstream.pem', {
      server: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    });
    expect(await outcome(egress, originOf(UPSTREAM_NAME))).toEqual(['EGRESS_TLS_FAILED', false]);
  });

  test('refuses an upstream that does not speak TLS at all', async () => {
    const plain = await httpUpstream((_request, response) => response.end('plain'));
    open.push(plain);
    const egress = createEgress({
      clock,
      resolve: async () => ['127.0.0.1'],
      ownAddresses: () => [],
      allowPrivate: [`${UPSTREAM_NAME}:${plain.port}`],
    });
    open.push({ [Symbol.asyncDispose]: () => egress.close() });
    expect(await outcome(egress, `https://${UPSTREAM_NAME}:${plain.port}`)).toEqual(['EGRESS_TLS_FAILED', false]);
  });
});
