import { expect, test } from 'vitest';
import { clearedCookie, cookieOf, sessionCookie } from './session-cookie.ts';

const [HTTP, HTTPS] = [{ isHttps: false }, { isHttps: true }];

test('the cookie is kept to https and this very host where the console is https', () => {
  expect(sessionCookie('sps_a', 60_000, HTTPS)).toBe(
    '__Host-sallyport_session=sps_a; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure',
  );
  expect(sessionCookie('sps_a', 60_000, HTTP)).toBe('sallyport_session=sps_a; Path=/; HttpOnly; SameSite=Strict; Max-Age=60');
  expect(clearedCookie(HTTPS)).toBe('__Host-sallyport_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure');
});

test('a plain cookie, which a neighbouring host can set, opens nothing over https', () => {
  expect(cookieOf('sallyport_session=sps_a', HTTPS)).toBeNull();
  expect(cookieOf('sallyport_session=sps_evil; __Host-sallyport_session=sps_a', HTTPS)).toBe('sps_a');
  expect(cookieOf('other=1; sallyport_session=sps_a', HTTP)).toBe('sps_a');
  for (const none of [undefined, '', 'sallyport_session=', 'sallyport_session=a b', 'xsallyport_session=sps_a'])
    expect(cookieOf(none, HTTP)).toBeNull();
});
