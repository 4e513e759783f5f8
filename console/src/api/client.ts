// The one door to the server: same origin, the session in a cookie no script can read. What is not a success is thrown as ApiFault.

export class ApiFault extends Error {
  readonly status: number;
  readonly code: string;
  /** What the server names beside its sentence: references, counts and names of fields. */
  readonly evidence: Readonly<Record<string, unknown>>;
  constructor(status: number, code: string, message: string, evidence: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.evidence = evidence;
    this.status = status;
    this.code = code;
  }
}

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly evidence?: Readonly<Record<string, unknown>>;
}

/** `reason`: why a change is made; kept sealed beside its event. */
export async function api<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object, reason = ''): Promise<T> {
  const reply = await fetch(path, {
    method,
    credentials: 'same-origin',
    cache: 'no-store',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      // Percent-encoded: a header holds no other letters.
      ...(reason.trim() === '' ? {} : { 'x-sallyport-reason': encodeURIComponent(reason.trim().replace(/[\uD800-\uDFFF]/gu, '')) }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new ApiFault(0, 'UNREACHABLE', '');
  });
  const answer = (await reply.json().catch(() => ({}))) as T & Problem;
  if (reply.ok) return answer;
  throw new ApiFault(reply.status, answer.code ?? `HTTP_${reply.status}`, answer.detail ?? '', answer.evidence);
}

/** `?a=1` of what is set; a list is said once for each of its members. */
export function queryOf(values: Readonly<Record<string, string | number | readonly string[] | null | undefined>>): string {
  const entries = Object.entries(values)
    .flatMap(([name, value]) =>
      typeof value === 'object' && value !== null ? value.map((one) => [name, one] as const) : [[name, value] as const],
    )
    .filter(([, value]) => value !== undefined && value !== null && value !== '');
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString()}`;
}
