// Personal data in forms within forms: JSON by its keys in six languages, HTML, URLs, base64, JSON in strings, and all of them bounded.

import { describe, expect, it } from 'vitest';
import { createConversation, detect } from './index.ts';
import { found, lists } from './test/lists.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('forms within forms', () => {
  it.each([
    [
      '{"customerName":"Anna Quist","plz":"72072","téléphone":"06 39 98 14 22"}',
      'PERSON:Anna Quist',
      'POSTCODE:72072',
      'PHONE:06 39 98 14 22',
    ],
    ['{"order":{"shipping":{"name":"Quist","city":"Rye","zip":"31234"}}}', 'PERSON:Quist', 'CITY:Rye', 'POSTCODE:31234'],
    ['{"cliente":{"apellidos":"Recio Galvez","ciudad":"Lugo"}}', 'PERSON:Recio Galvez', 'CITY:Lugo'],
    ['{"klant":{"achternaam":"Dijkgraaf","woonplaats":"Hoorn"}}', 'PERSON:Dijkgraaf', 'CITY:Hoorn'],
    ['{"cognome":"Sammartano","città":"Bari"}', 'PERSON:Sammartano', 'CITY:Bari'],
    ['<p>Dear <b>Anna Quist</b>,<br>47 Bramley Close, Ipswich IP3 9TN</p>', 'PERSON:Anna Quist', 'STREET_ADDRESS:47 Bramley Close'],
    ['<td>Name</td><td>Anna Quist</td>', 'PERSON:Anna Quist'],
    ['Anna &amp; Bogdan Quist, 47 Bramley Close', 'PERSON:Bogdan Quist', 'STREET_ADDRESS:47 Bramley Close'],
    ['name=Anna%20Quist&street=47%20Bramley%20Close', 'PERSON:Anna%20Quist', 'STREET_ADDRESS:47%20Bramley%20Close'],
    ['{"body":"{\\"name\\":\\"Anna Quist\\",\\"note\\":\\"call 020 7946 0812\\"}"}', 'PERSON:Anna Quist', 'PHONE:020 7946 0812'],
    [`file: ${base64('My name is Anna Quist, and I wait.')}`, `PERSON:${base64('My name is Anna Quist, and I wait.')}`],
    [`x=${encodeURIComponent('{"email":"anna@example.com"}')}`, 'EMAIL:anna%40example.com'],
  ])('%s', (text, ...wanted) => {
    expect(found(text)).toEqual(expect.arrayContaining(wanted));
  });

  it('a conversation masks leaves by their keys at any depth of JSON in JSON, and the JSON stays readable', () => {
    const inner = JSON.stringify({ customer: { first_name: 'Zeynep', note: 'wife of Emre' } });
    const text = JSON.stringify({ payload: JSON.stringify({ data: inner }), plz: '72072' });
    const rendered = createConversation({ known: [], guessing: { lists, language: null, catalogue: null } }).render(text, {
      format: 'json',
      role: 'tool_result',
    });
    expect(rendered).not.toMatch(/Zeynep|72072/);
    const back = JSON.parse(JSON.parse(JSON.parse(rendered).payload).data) as { customer: { first_name: string } };
    expect(back.customer.first_name).toBe('<PERSON_1>');
  });

  it('escapes within escapes are followed three deep, and no deeper costs more', () => {
    let text = 'anna@example.com';
    for (let depth = 0; depth < 3; depth += 1) text = encodeURIComponent(text);
    expect(detect(text).map(({ type }) => type)).toEqual(['EMAIL']);
    const deep = (depth: number): string => (depth === 0 ? 'anna@example.com' : base64(`wrapped text ${deep(depth - 1)}`));
    expect(detect(deep(2)).map(({ type }) => type)).toEqual(['EMAIL']);
    expect(detect(deep(12))).toEqual([]);
  });
});
