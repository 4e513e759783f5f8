// The examples of the documentation, run as they stand: what a reader copies must work.

import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type GuardedModel, startGuardedModel, UPSTREAM_KEY } from '../../../testkit/model-upstream/behind-gateway.ts';

const ROOT = join(import.meta.dirname, '../../..');
const page = (name: string): string => readFileSync(join(ROOT, 'docs', `${name}.md`), 'utf8');

/** Fenced blocks of one language, in order. */
function blocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm)].flatMap(([, found, code = '']) => (found === language ? [code] : []));
}
const first = (texts: readonly string[]): string => {
  if (texts[0] === undefined) throw new Error('the page has no such example');
  return texts[0];
};

let guarded: GuardedModel;
let key = '';

beforeAll(async () => {
  guarded = await startGuardedModel();
});
afterAll(() => guarded?.close());

describe('guard your first call', () => {
  it('the provider file is accepted as it stands, but for the address and the secret', async () => {
    const { credential, ...file } = parse(first(blocks(page('first-call'), 'yaml'))) as { credential: object; [name: string]: unknown };
    const { owner } = guarded.test;
    const put = await owner('PUT', '/api/integrations/openai', {
      ...file,
      baseUrl: guarded.upstream.url,
      credential: { ...credential, secret: UPSTREAM_KEY },
    });
    expect(put).toMatchObject({ status: 200 });
    const workload = await owner('POST', '/api/workloads', { name: 'support-bot', integrations: ['openai'] });
    key = (await owner('POST', '/api/keys', { workload: workload.body.id })).body.key as string;
  });

  it('the program runs with the official SDK; the provider sees a placeholder and the program the value', async () => {
    guarded.upstream.reset();
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', first(blocks(page('first-call'), 'js'))], {
      cwd: ROOT,
      env: { ...process.env, SALLYPORT_URL: guarded.baseUrl, SALLYPORT_KEY: key },
    });
    const sent = guarded.upstream.requests.map(({ body }) => Buffer.from(body).toString('utf8')).join('\n');
    expect(sent).toContain('EMAIL_1');
    expect(sent).not.toContain('pat@example.com');
    expect(stdout).toContain('pat@example.com');
  });

  it('the body of the curl example is a call that passes', async () => {
    const shell = blocks(page('first-call'), 'sh').find((code) => code.startsWith('curl')) ?? '';
    const body = /-d '(.*)'/.exec(shell)?.[1] ?? '';
    const reply = await fetch(`${guarded.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body,
    });
    expect(reply.status).toBe(200);
  });

  it('a service gets a token by the examples of the page, and calls with it', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const { owner, controlUrl } = guarded.test;
    const workload = await owner('POST', '/api/workloads', { name: 'reports', integrations: ['provider'] });
    const made = await owner('POST', '/api/oauth-clients', {
      name: 'reports',
      workload: workload.body.id,
      jwks: publicKey.export({ format: 'jwk' }),
    });
    const issuer = made.body.issuer as string;
    const shell = blocks(page('workload-tokens'), 'sh').filter((code) => code.startsWith('curl'));
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
    const env = { ...process.env, CLIENT_ID: made.body.clientId as string, ISSUER: issuer, PRIVATE_KEY: pem, SCOPE: 'provider' };
    const example = first(blocks(page('workload-tokens'), 'js'));
    const signed = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', example], { cwd: ROOT, env });
    const run = async (code: string, more: object): Promise<Record<string, unknown>> => {
      const { stdout } = await promisify(execFile)('sh', ['-c', code], { env: { ...env, SALLYPORT_URL: guarded.baseUrl, ...more } });
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    const token = await run(first(shell), { ASSERTION: signed.stdout.trim() });
    expect(token).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'provider' });
    expect(await run(first(shell.slice(1)), { TOKEN: token.access_token })).toHaveProperty('choices');
    expect(await (await fetch(`${controlUrl}/.well-known/oauth-authorization-server`)).json()).toMatchObject({ issuer });
  });

  it('the commands are commands', async () => {
    const known = page('cli');
    for (const name of ['quick-start', 'first-call', 'workflows', 'approvals', 'operating', 'demo', 'workload-tokens']) {
      for (const [, command = ''] of page(name).matchAll(/(?:node bin\/sallyport\.js|^sallyport|`sallyport) ((?:[a-z]+)(?: [a-z]+)?)/gm)) {
        const words = command.split(' ');
        const isKnown = [words.join(' '), words[0]].some((candidate) => known.includes(`sallyport ${candidate}`));
        expect(isKnown, `${name}: ${command}`).toBe(true);
      }
    }
  });
});

describe('write a workflow', () => {
  it('the example is imported as it stands', async () => {
    const files = { 'workflow.yaml': first(blocks(page('workflows'), 'yaml')) };
    const answer = await guarded.test.owner('POST', '/api/workflows', { files });
    expect(answer).toMatchObject({ status: 200, body: { state: 'draft' } });
  });
});
