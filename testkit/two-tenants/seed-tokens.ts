// Rows of tokens, for the differential test.

import { AT_MS } from './seed-time.ts';

const at = new Date(AT_MS).toISOString();
const person = 'per_018cc251-f400-7000-8000-000000000001';
const hex = (byte: string, count = 32): string => `\\x${byte.repeat(count)}`;

export const tokenSeed: Readonly<Record<string, readonly object[]>> = {
  vault_token_purposes: [
    {
      name: 'support',
      classes: ['email_address'],
      openers: ['role:privacy'],
      keep_days: 30,
      key_id: 'pk1',
      declared_at: at,
      declared_by: person,
    },
  ],
  vault_tokens: [
    {
      id: 'AAAAAAAAAAAAAAAAAAAAAA',
      purpose: 'support',
      data_class: 'email_address',
      blind: hex('31'),
      owner: 'mark',
      subject_key: 'sk1',
      sealed: hex('32'),
      stand_in: 'taaaaaaaaaaaaaaaaaaaaaaaaaa@tokens.example.com',
      made_at: at,
    },
  ],
  vault_token_openings: [{ id: 'tko_1', purpose: 'support', person, opened: 3, at }],
};
