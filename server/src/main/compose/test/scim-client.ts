// What an identity provider sends for provisioning, and how.

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of another program, looked into by the tests
  readonly body: any;
  readonly headers: Headers;
}

export interface Asked {
  /** How a test of ours reaches the server. */
  readonly send: (url: string, init: RequestInit) => Promise<Response>;
  readonly url: string;
  readonly token: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export async function askScim({ send, url, token, method, path, body, headers = {} }: Asked): Promise<Answer> {
  const sent = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }), ...headers };
  const response = await send(`${url}/scim/v2${path}`, {
    method,
    headers: sent,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

export const scimUser = (nth: number): { schemas: string[]; userName: string; externalId: string; [name: string]: unknown } => {
  const mail = `user${nth}@example.com`;
  return {
    schemas: [USER],
    userName: mail,
    externalId: `ext-${nth}`,
    name: { givenName: 'Dana', familyName: `Example ${nth}` },
    displayName: `Dana Example ${nth}`,
    emails: [{ value: mail, type: 'work', primary: true }],
    active: true,
  };
};
