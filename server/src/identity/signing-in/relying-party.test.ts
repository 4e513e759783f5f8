import { expect, test } from 'vitest';
import { relyingPartyOf } from './relying-party.ts';

test('passkeys belong to the host name people open the console by', () => {
  expect(relyingPartyOf('https://sallyport.example.com/', { port: 4810, isTls: false })).toEqual({
    id: 'sallyport.example.com',
    origin: 'https://sallyport.example.com',
    isHttps: true,
  });
});

test('on one machine that name is localhost, whatever number the server listens on', () => {
  expect(relyingPartyOf(null, { port: 4811, isTls: false })).toEqual({ id: 'localhost', origin: 'http://localhost:4811', isHttps: false });
  expect(relyingPartyOf(null, { port: 4811, isTls: true })).toEqual({ id: 'localhost', origin: 'https://localhost:4811', isHttps: true });
});
