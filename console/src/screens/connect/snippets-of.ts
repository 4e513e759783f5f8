// Lines to paste into a program, with the real address and model. Pure. The values are quoted for each language: a model's name is
// what somebody typed.

export type SnippetKind = 'curl' | 'python' | 'node';

export interface SnippetFacts {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
}

/** A string of JSON is a string of Python and of JavaScript too. */
const quoted = (value: string): string => JSON.stringify(value);
/** For a POSIX shell: nothing inside single quotes means anything but a single quote. */
const shell = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;

export function snippetOf(kind: SnippetKind, { baseUrl, apiKey, model }: SnippetFacts): string {
  switch (kind) {
    case 'curl': {
      const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Say hello to the guard.' }] });
      return [
        `curl ${shell(`${baseUrl}/chat/completions`)} \\`,
        `  -H ${shell(`Authorization: Bearer ${apiKey}`)} \\`,
        `  -H 'Content-Type: application/json' \\`,
        `  -d ${shell(body)}`,
      ].join('\n');
    }
    case 'python':
      return [
        'from openai import OpenAI',
        '',
        `client = OpenAI(base_url=${quoted(baseUrl)}, api_key=${quoted(apiKey)})`,
        'reply = client.chat.completions.create(',
        `    model=${quoted(model)},`,
        '    messages=[{"role": "user", "content": "Say hello to the guard."}],',
        ')',
        'print(reply.choices[0].message.content)',
      ].join('\n');
    case 'node':
      return [
        "import OpenAI from 'openai';",
        '',
        `const client = new OpenAI({ baseURL: ${quoted(baseUrl)}, apiKey: ${quoted(apiKey)} });`,
        'const reply = await client.chat.completions.create({',
        `  model: ${quoted(model)},`,
        "  messages: [{ role: 'user', content: 'Say hello to the guard.' }],",
        '});',
        'console.log(reply.choices[0].message.content);',
      ].join('\n');
    default:
      return kind satisfies never;
  }
}
