// The one door to the server: same origin, the session in a cookie no script can read, each request signed by this browser's key. What is
// not a success is thrown as ApiFault. Where the server wants to know that it is still the person, a passkey is asked for and it goes on.

import { correctClock, hasOtherSession, proofFor } from './browser-key.ts';
import { tenantHeader } from './tenant.ts';

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

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly evidence?: Readonly<Record<string, unknown>>;
}

interface Asked {
  readonly method: Method;
  readonly path: string;
  readonly body: object | undefined;
  readonly reason: string;
  /** Sent as it is, instead of a JSON body. */
  readonly file?: { readonly type: string; readonly bytes: Blob };
}

/** Asks the person to prove who they are; true once they did on this page. */
type Confirm = () => Promise<boolean>;
let confirmPerson: Confirm = async () => false;
/** The dialog that asks, once it is on the page. */
export function onStepUp(confirm: Confirm): void {
  confirmPerson = confirm;
}

const STEP_UP: ReadonlySet<string> = new Set([
  'CONTROL_STEP_UP_REQUIRED',
  'IDENTITY_PASSKEY_FRESH_NEEDED',
  'CONTROL_SECOND_FACTOR_REQUIRED',
  'IDENTITY_SECOND_FACTOR_NEEDED',
]);
/** What the page asks by itself while nobody touches it must not keep the session open. */
const AWAY_MS = 2 * 60_000;
let touchedAtMs = Date.now();
const touched = (): void => {
  touchedAtMs = Date.now();
};
// Its pure neighbours are tested without a window.
if (typeof window !== 'undefined') {
  for (const kind of ['pointerdown', 'keydown'] as const) window.addEventListener(kind, touched, { capture: true, passive: true });
}

async function send({ method, path, body, reason, file }: Asked): Promise<Response> {
  const proof = await proofFor(method, path);
  return fetch(path, {
    method,
    credentials: 'same-origin',
    cache: 'no-store',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(file === undefined ? {} : { 'content-type': file.type }),
      ...tenantHeader(path),
      ...(proof === null ? {} : { 'x-sallyport-proof': proof }),
      ...(Date.now() - touchedAtMs > AWAY_MS ? { 'x-sallyport-background': '1' } : {}),
      // Percent-encoded: a header holds no other letters.
      ...(reason.trim() === '' ? {} : { 'x-sallyport-reason': encodeURIComponent(reason.trim().replace(/[\uD800-\uDFFF]/gu, '')) }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(file === undefined ? {} : { body: file.bytes }),
  }).catch(() => {
    throw new ApiFault(0, 'UNREACHABLE', '');
  });
}

async function faultOf(reply: Response): Promise<ApiFault> {
  const { code = `HTTP_${reply.status}`, detail = '', evidence } = ((await reply.json().catch(() => ({}))) ?? {}) as Problem;
  return new ApiFault(reply.status, code, detail, evidence);
}

/** Whether asking once more may help: the clock was corrected, another tab signed in anew, or the person confirmed. */
async function mayRetry({ code, evidence }: ApiFault, isAsking: boolean): Promise<boolean> {
  if (code === 'IDENTITY_PROOF_STALE') return correctClock(evidence.serverSeconds);
  if (code === 'IDENTITY_PROOF_INVALID' || code === 'IDENTITY_PROOF_MISSING') return hasOtherSession();
  return isAsking && STEP_UP.has(code) && confirmPerson();
}

/** `isAsking`: the person did something, so that a dialog may come up. */
async function ask(asked: Asked, isAsking: boolean): Promise<Response> {
  const reply = await send(asked);
  if (reply.ok) return reply;
  const fault = await faultOf(reply);
  if (!(await mayRetry(fault, isAsking))) throw fault;
  const second = await send(asked);
  if (second.ok) return second;
  throw await faultOf(second);
}

/** `reason`: why a change is made; kept sealed beside its event. */
export async function api<T>(method: Method, path: string, body?: object, reason = ''): Promise<T> {
  const reply = await ask({ method, path, body, reason }, method !== 'GET');
  return (await reply.json().catch(() => ({}))) as T;
}

/** Sends a file as it is. */
export async function upload<T>(path: string, type: string, bytes: Blob): Promise<T> {
  const reply = await ask({ method: 'POST', path, body: undefined, reason: '', file: { type, bytes } }, true);
  return (await reply.json().catch(() => ({}))) as T;
}

/** Saves what the server gives under that address as a file. A link could not be signed. */
export async function download(path: string): Promise<void> {
  const reply = await ask({ method: 'GET', path, body: undefined, reason: '' }, true);
  const name = /filename="([^"]+)"/.exec(reply.headers.get('content-disposition') ?? '')?.[1] ?? 'sallyport';
  const url = URL.createObjectURL(await reply.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken it over by then; a minute is for slow disks.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
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
