import { format, inspect } from 'node:util';
import { expect, test } from 'vitest';
import { SecretString } from './secret-string.ts';

test('a secret shows itself to reveal() and to nothing else', () => {
  const secret = new SecretString('canary-5f3a');
  const shown = [
    `${secret}`,
    String(secret),
    ['', secret].join('|'),
    JSON.stringify({ secret }),
    inspect({ deep: { secret } }, { depth: 9, showHidden: true }),
    format('%s %o %O %j', secret, secret, secret, secret),
    Object.keys(secret).join(),
    Object.entries({ ...secret }).join(),
    inspect(new Error('x', { cause: secret })),
    JSON.stringify(structuredClone({ secret: { ...secret } })),
  ].join('\n');
  expect(shown).toContain('[secret]');
  expect(shown).not.toContain('canary');
  expect(secret.reveal()).toBe('canary-5f3a');
});
