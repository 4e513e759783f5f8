import { describe, expect, it } from 'vitest';
import { isRefusal, type ModelRequest, type Refusal } from '#core';
import { decodeChat } from './decode-chat.ts';

const decode = (body: object): ModelRequest | Refusal => decodeChat(Buffer.from(JSON.stringify({ model: 'm', ...body })));
const codeOf = (result: ModelRequest | Refusal): string | null => (isRefusal(result) ? result.code : null);
const texts = (body: object): readonly string[] => {
  const result = decode(body);
  if (isRefusal(result)) throw new Error(result.code);
  return result.parts.map((part) => `${part.role}:${part.path.join('.')}=${part.text}`);
};
const hi = { role: 'user', content: 'hi' };

describe('decoding a chat request', () => {
  it('finds every text, with the role it has in the request', () => {
    const body = {
      messages: [
        { role: 'system', content: 'rules' },
        { role: 'user', content: [{ type: 'text', text: 'hello' }], name: 'n1' },
        { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: 'c1', content: 'result' },
      ],
      tools: [{ type: 'function', function: { name: 'f', description: 'does', parameters: { type: 'object', maximum: 4155550134 } } }],
      user: 'u1',
    };
    expect(texts(body)).toEqual([
      'system:messages.0.content=rules',
      'user:messages.1.content.0.text=hello',
      'user:messages.1.name=n1',
      'tool_arguments:messages.2.tool_calls.0.function.arguments={}',
      'tool_result:messages.3.content=result',
      'tool_schema:tools.0.function.description=does',
      'other:user=u1',
    ]);
  });

  it('looks at names and ids that are not in the form of one', () => {
    const address = 'nobody@example.com';
    const body = {
      messages: [
        { role: 'assistant', content: '', tool_calls: [{ id: address, type: address, function: { name: address, arguments: '{}' } }] },
        { role: 'tool', tool_call_id: address, content: '' },
      ],
      metadata: { id: 'x1', type: address, model: address },
      service_tier: address,
    };
    expect(texts(body).filter((text) => text.endsWith(address)).length).toBe(7);
    expect(texts(body)).toContain('other:metadata.id=x1');
  });

  it('notes ids, names, words and numbers of the protocol that could be somebody’s, and takes what it has for sure', () => {
    const body = {
      messages: [
        {
          role: 'assistant',
          content: '',
          tool_calls: [
            { id: '4915112345678', type: 'function', function: { name: 'c10155', arguments: '{}' } },
            { id: '550e8400-e29b-41d4-a716-446655440000', type: 'function', function: { name: 'f', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'Petrossian', content: '' },
      ],
      tool_choice: 'auto',
      service_tier: 'Petrossian',
      metadata: { id: 'Petrossian' },
      seed: 4155550134,
    };
    const result = decode(body);
    if (isRefusal(result)) throw new Error(result.code);
    expect(result.spots.map(({ kind, path, text }) => `${kind}:${path.join('.')}=${text}`)).toEqual([
      'id:messages.0.tool_calls.0.id=4915112345678',
      'name:messages.0.tool_calls.0.function.name=c10155',
      'name:messages.0.tool_calls.1.function.name=f',
      'id:messages.1.tool_call_id=Petrossian',
      'name:service_tier=Petrossian',
      'number:seed=4155550134',
    ]);
    expect(texts(body)).toContain('other:metadata.id=Petrossian');
    for (const length of [4155550134, -1, 1.5])
      expect(codeOf(decode({ messages: [hi], max_tokens: length }))).toBe('GATEWAY_REQUEST_INVALID');
  });

  it('looks at long numbers outside schemas and settings', () => {
    const body = {
      messages: [{ ...hi, phone: 4155550134 }],
      seed: 4155550134,
      user: 4111111111111111,
      metadata: { n: 4111111111111111, small: 12 },
    };
    expect(texts(body).slice(1)).toEqual([
      'user:messages.0.phone=4155550134',
      'other:user=4111111111111111',
      'other:metadata.n=4111111111111111',
    ]);
  });

  it('looks at card numbers in schemas, where they are no bounds', () => {
    const card = 4111111111111111;
    const parameters = { type: 'object', properties: { n: { type: 'integer', maximum: card, default: card, enum: [card, 20_000_000] } } };
    const tools = [{ type: 'function', function: { name: 'f', parameters } }];
    const at = 'tool_schema:tools.0.function.parameters.properties.n';
    expect(texts({ messages: [hi], tools }).slice(1)).toEqual([`${at}.default=${card}`, `${at}.enum.0=${card}`]);
  });

  it('refuses content that is an object, whose parts nobody has looked at', () => {
    const content = { type: 'image_url', image_url: { url: 'data:image/png;base64,eA==' } };
    expect(codeOf(decode({ messages: [{ role: 'user', content }] }))).toBe('GATEWAY_REQUEST_INVALID');
  });

  it.each([
    ['a key that is an address', { messages: [hi], metadata: { 'nobody@example.com': 1 } }],
    ['such a key inside a message', { messages: [{ ...hi, 'nobody@example.com': 1 }] }],
    ['such a key at the top', { messages: [hi], 'nobody@example.com': 1 }],
    ['keys longer than is worth a look', { messages: [hi], metadata: { [`1${' 1'.repeat(20_000)}`]: 1 } }],
    ['a picture', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] }],
    ['a part without a type', { messages: [{ role: 'user', content: ['x'] }] }],
  ])('refuses %s, which it can not make safe', (_name, body) => {
    expect(codeOf(decode(body))).toBe('ENFORCEMENT_REQUEST_SHAPE');
  });

  it.each(['toString', '__proto__', 'constructor', 'USER', ''])('refuses the role %j', (role) => {
    expect(codeOf(decode({ messages: [{ role, content: 'hi' }] }))).toBe('GATEWAY_REQUEST_INVALID');
  });
});
