// Runs a stored call once after its approval, by the same door as every other call: guard() checks everything again.

import {
  type ApprovalId,
  type CallId,
  type CallRequest,
  isJsonFault,
  isRefusal,
  type JsonValue,
  type KeyId,
  type ModelRequest,
  newId,
  parseOwnJson,
  parseStrictJson,
  type Refusal,
  refuse,
  SallyportError,
  type TenantId,
  type Tx,
} from '#core';
import { guard } from './guard.ts';
import type { GuardDeps } from './ports.ts';
import { parseSealedCall, type SealedCall, type SealedModelCall } from './stages/authorize.ts';
import type { GuardResult } from './stages/outcome.ts';
import type { EffectRow } from './store/effects.ts';
import type { ModelProtocol, Reply } from './types.ts';

export interface ExecutionPort {
  /** The stored call, for exactly one executor. */
  claimExecution(
    tx: Tx,
    tenant: TenantId,
    approval: ApprovalId,
  ): Promise<{ readonly sealedCall: Uint8Array; readonly digest: string; readonly sendsAsIs: boolean } | Refusal>;
  /** Says that whoever claimed it is alive. */
  renewClaim(tx: Tx, tenant: TenantId, approval: ApprovalId): Promise<void>;
  finish(
    tx: Tx,
    finished: {
      tenant: TenantId;
      approval: ApprovalId;
      outcome: 'done' | 'failed' | 'unknown';
      code: string | null;
      sealedResult: Uint8Array | null;
    },
  ): Promise<void>;
}

export interface ExecuteDeps {
  readonly guard: GuardDeps;
  readonly execution: ExecutionPort;
  /** Reads a stored request to a model, and the words of its answer. */
  readonly models: { decode(raw: Uint8Array): ModelRequest | Refusal; readonly protocol: ModelProtocol };
}

export interface Executed {
  readonly call: CallId;
  readonly outcome: 'done' | 'failed' | 'unknown';
  readonly code: string | null;
}

export async function executeApproved(deps: ExecuteDeps, tenant: TenantId, approval: ApprovalId): Promise<Executed | Refusal> {
  const { guard: guardDeps, execution } = deps;
  const claimed = await guardDeps.database.inTenant(tenant, async (tx) => {
    const stored = await execution.claimExecution(tx, tenant, approval);
    if (isRefusal(stored)) return stored;
    const plain = await openCall(guardDeps, tx, { tenant, purpose: 'approval.call', sealed: stored.sealedCall });
    if (plain === null) {
      await execution.finish(tx, { tenant, approval, outcome: 'failed', code: ERASED, sealedResult: null });
      return refuse(ERASED, 'The customer this call was for was erased, and the call with them; nothing was sent.');
    }
    return { ...stored, sealed: parseSealedCall(Buffer.from(plain).toString('utf8')) };
  });
  if (isRefusal(claimed)) return claimed;
  const { sealed, digest, sendsAsIs } = claimed;
  const request = requestOf(deps, sealed);
  const call = newId('call', guardDeps.clock, guardDeps.random);
  const reply = new CollectedReply();
  const alive = sayAlive(deps, tenant, approval);
  const result = await guard(
    guardDeps,
    {
      call,
      receivedAtMs: guardDeps.clock.now(),
      surface: 'approval',
      presentedKey: null,
      presentedBinding: null,
      idempotencyKey: sealed.idempotencyKey ?? null,
      request,
      endorsement: {
        approval,
        digest,
        key: sealed.key as KeyId,
        token: sealed.token,
        binding: sealed.binding,
        label: sealed.label,
        ...(sealed.kind === 'model'
          ? { argumentLabels: null, doubts: sealed.doubts, sendsAsIs }
          : { argumentLabels: sealed.argumentLabels ?? null }),
      },
      ...(sealed.kind === 'model' || sealed.erasure === undefined ? {} : { erasure: { key: sealed.key as KeyId, task: sealed.erasure } }),
      signal: new AbortController().signal,
    },
    { reply, protocol: deps.models.protocol },
  ).finally(() => clearInterval(alive));
  return guardDeps.database.inTenant(tenant, async (tx) => {
    const finished = { call, ...judge(result, reply.status, await guardDeps.effects.findByApproval(tx, tenant, approval)) };
    const sealedResult =
      reply.status === null
        ? null
        : await guardDeps.vault.seal(tx, {
            tenant,
            subject: sealed.binding.tier === 'plain' ? null : (sealed.binding.customer?.id ?? null),
            within: `approval:${approval}`,
            purpose: 'approval.result',
            plaintext: Buffer.from(JSON.stringify({ status: reply.status, body: reply.json() })),
          });
    await execution.finish(tx, { tenant, approval, outcome: finished.outcome, code: finished.code, sealedResult });
    return finished;
  });
}

/** A model may think for minutes; without a sign of life its executor is taken for dead after two. */
const ALIVE_MS = 30_000;

function sayAlive({ guard: { database }, execution }: ExecuteDeps, tenant: TenantId, approval: ApprovalId): NodeJS.Timeout {
  // One that can not be said is said again; what it is about goes on.
  return setInterval(() => void database.inTenant(tenant, (tx) => execution.renewClaim(tx, tenant, approval)).catch(() => {}), ALIVE_MS);
}

const ERASED = 'VAULT_SUBJECT_ERASED';

/** Null when what was asked was erased since: there is nothing left that could run. */
async function openCall(
  { vault }: Pick<GuardDeps, 'vault'>,
  tx: Tx,
  sealed: { tenant: TenantId; purpose: string; sealed: Uint8Array },
): Promise<Uint8Array | null> {
  try {
    return await vault.open(tx, sealed);
  } catch (fault) {
    if (fault instanceof SallyportError && fault.code === ERASED) return null;
    throw fault;
  }
}

function requestOf({ models }: Pick<ExecuteDeps, 'models'>, sealed: SealedCall | SealedModelCall): CallRequest {
  if (sealed.kind === 'model') {
    const request = models.decode(Buffer.from(sealed.request));
    if (isRefusal(request)) throw new Error('a stored request was read when it was sealed');
    return request;
  }
  const { integration, method, path, query, body } = sealed;
  return { kind: 'operation', integration, method, path, query, body: storedBody(body) };
}

function storedBody(text: string | null): JsonValue | undefined {
  if (text === null) return undefined;
  const value = parseStrictJson(text);
  if (isJsonFault(value)) throw new Error('a stored call was canonical JSON when it was sealed');
  return value;
}

/** What became of an effect is in its row; without one nothing was sent, or a stored result was given. The guard's result says why. */
function judge(
  result: GuardResult,
  status: number | null,
  effect: EffectRow | null,
): { outcome: 'done' | 'failed' | 'unknown'; code: string | null } {
  const code = codeOf(result);
  if (effect === null) {
    const isDone = result.kind === 'released' && status !== null && status < 300;
    return isDone ? { outcome: 'done', code: null } : { outcome: 'failed', code };
  }
  switch (effect.state) {
    case 'done':
      return { outcome: 'done', code: result.kind === 'released' ? null : code };
    case 'failed':
      return { outcome: 'failed', code };
    case 'sent':
    case 'unknown':
      return { outcome: 'unknown', code };
    default:
      return effect.state satisfies never;
  }
}

function codeOf(result: GuardResult): string {
  if (result.kind === 'refused') return result.refusal.code;
  return result.kind === 'faulted' ? result.code : 'ENFORCEMENT_UPSTREAM_FAULT';
}

class CollectedReply implements Reply {
  status: number | null = null;
  #text = '';
  begin(status: number): void {
    this.status = status;
  }
  write(chunk: Uint8Array | string): boolean {
    this.#text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    return true;
  }
  onDrain(): void {}
  end(): void {}
  json(): JsonValue {
    return this.#text === '' ? null : parseOwnJson(this.#text);
  }
}
