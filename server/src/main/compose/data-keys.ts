// The jobs over the keys of stored data: begun by people, and by the clock when an erasure has waited long enough to be made final.
// INVARIANT: one job at a time in this process, and the vault lets one process at a time change the keys; what was killed is gone on with.

import type { ControlPorts, DataKeyJobKind, DataKeyOutcomeView, DataKeysView } from '#control';
import { type Clock, formatTime, isRefusal, type JsonObject, type Refusal, refuse, SallyportError, type TenantId } from '#core';
import type { Reencryption, Vault } from '#vault';
import { allCodes } from '../codes.ts';
import type { Logger } from '../logger.ts';

const LOOK_EVERY_MS = 60_000;
const HOUR_MS = 60 * 60_000;
const CLOCK = 'system:keys';

type Step = (progress: { readonly step: string; readonly done: number }) => void;

export interface DataKeysDeps {
  readonly vault: Pick<Vault, 'rounds' | 'keyStatus' | 'refreshKeys' | 'keyId' | 'copies'>;
  readonly reencryption: Reencryption;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Hours an erasure may wait for its epoch to end; 0: until somebody asks. */
  readonly everyHours: number;
  /** Whether this process may change keys at all. */
  readonly mayKeep: boolean;
  readonly tell: (type: string, event: { actor: string; subject: string; facts: JsonObject }) => Promise<void>;
}

export interface DataKeys {
  readonly ports: ControlPorts['dataKeys'];
  /** What the clock asks for: lets go of what others destroyed, goes on with what was killed, ends an epoch. */
  look(): Promise<void>;
  start(keeps: boolean): void;
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export function createDataKeys({ vault, reencryption, clock, logger, everyHours, mayKeep, tell }: DataKeysDeps): DataKeys {
  let running: DataKeysView['running'] = null;
  let last: DataKeyOutcomeView | null = null;
  let work: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;
  let toldFault: string | null = null;
  const { rounds } = vault;
  const busy = (): Refusal => refuse('VAULT_ROUND_BUSY', allCodes.VAULT_ROUND_BUSY?.sentence ?? '');

  async function carryOut(kind: DataKeyJobKind, tenant: TenantId | null, onStep: Step): Promise<JsonObject | Refusal> {
    switch (kind) {
      case 'epoch': {
        const done = await rounds.changeEpoch(onStep);
        return isRefusal(done) ? done : { ...done };
      }
      case 'tenants': {
        const done = await rounds.rotateTenants(onStep);
        return isRefusal(done) ? done : { ...done };
      }
      case 'file': {
        const done = await rounds.rotateFile(onStep);
        return isRefusal(done) ? done : { ...done };
      }
      case 'rewrap':
        return { ...(await rounds.rewrap(onStep)) };
      case 're-encrypt': {
        const done = await reencryption.run(onStep);
        return isRefusal(done) ? done : { ...done };
      }
      case 'destroy-older': {
        const done = await reencryption.destroyOlder(tenant, onStep);
        return isRefusal(done) ? done : { ...done };
      }
      case 'resume':
        return (await rounds.resume(onStep)) ?? {};
      default:
        return kind satisfies never;
    }
  }

  async function record(kind: DataKeyJobKind, actor: string, report: JsonObject): Promise<void> {
    const wrapped = Number(report.wrapped ?? 0);
    if (kind === 'epoch') {
      const destroyed = Array.isArray(report.destroyed) ? report.destroyed.length : 0;
      const epoch = Number(report.epoch);
      await tell('vault.epoch.changed', { actor, subject: `epoch:${epoch}`, facts: { epoch, wrapped, destroyed } });
    } else if (kind === 'tenants' || kind === 'file') {
      await tell('vault.keys.rotated', { actor, subject: vault.keyId, facts: { what: kind, wrapped } });
    } else if (kind === 're-encrypt') {
      const [tenants, sealed, erased, unreadable] = ['tenants', 'sealed', 'erased', 'unreadable'].map((name) => Number(report[name])) as [
        number,
        number,
        number,
        number,
      ];
      if (tenants > 0)
        await tell('vault.values.sealed_anew', { actor, subject: vault.keyId, facts: { tenants, sealed, erased, unreadable } });
    } else if (kind === 'destroy-older') {
      const facts = { destroyed: Number(report.destroyed), kept: Number(report.kept) };
      await tell('vault.keys.older_destroyed', { actor, subject: vault.keyId, facts });
    }
  }

  async function run(kind: DataKeyJobKind, actor: string, tenant: TenantId | null): Promise<void> {
    running = { kind, step: 'starting', done: 0 };
    const end = (code: string | null, sentence: string | null, report: JsonObject | null): void => {
      last = { kind, ok: code === null, code, sentence, endedAt: formatTime(clock.now()), report };
      running = null;
    };
    try {
      const report = await carryOut(kind, tenant, ({ step, done }) => {
        running = { kind, step, done };
      });
      if (isRefusal(report)) return end(report.code, report.reason, null);
      await record(kind, actor, report);
      end(null, null, report);
    } catch (fault) {
      const code = fault instanceof SallyportError ? fault.code : 'BUG';
      logger.error({ event: 'keys.fault', code });
      end(code, allCodes[code]?.sentence ?? 'It failed; the log has the code.', null);
    }
  }

  function begin(kind: DataKeyJobKind, actor: string, tenant: TenantId | null = null): { readonly kind: DataKeyJobKind } | Refusal {
    if (!mayKeep || running !== null) return busy();
    work = run(kind, actor, tenant);
    return { kind };
  }

  /** Told once as long as it lasts; the next look makes up for it as soon as it can. */
  async function keepCopies(): Promise<void> {
    await rounds.keepCopies();
    const { fault } = await vault.copies();
    if (fault !== null && fault !== toldFault) {
      logger.error({ event: 'keys.copy_fault', code: fault });
      await tell('vault.key_box.copy_failed', { actor: CLOCK, subject: vault.keyId, facts: { code: fault } });
    }
    toldFault = fault;
  }

  async function look(): Promise<void> {
    await vault.refreshKeys();
    if (!mayKeep || running !== null) return;
    await keepCopies();
    if (await rounds.isOpen()) {
      begin('resume', CLOCK);
      return work;
    }
    if (await reencryption.isOpen()) {
      begin('re-encrypt', CLOCK);
      return work;
    }
    if (everyHours === 0) return;
    const { oldestAt } = (await vault.keyStatus()).pending;
    if (oldestAt === null || clock.now() - Date.parse(oldestAt) < everyHours * HOUR_MS) return;
    begin('epoch', CLOCK);
    return work;
  }

  const lookSafely = (round: () => Promise<void>): void => {
    round().catch((fault: unknown) => logger.error({ event: 'keys.fault', code: fault instanceof SallyportError ? fault.code : 'BUG' }));
  };

  return {
    ports: {
      show: async () => ({ status: (await vault.keyStatus()) as unknown as JsonObject, everyHours, running, last }),
      begin: async ({ person }, kind) => begin(kind, person),
      async reencrypt({ person }, { tenant, destroyOlder }) {
        if (destroyOlder) return begin('destroy-older', person, tenant);
        if (!mayKeep || running !== null) return busy();
        const refused = await reencryption.begin(tenant, person);
        if (refused !== null) return refused;
        await tell('vault.reencryption.begun', { actor: person, subject: tenant ?? vault.keyId, facts: { all: tenant === null } });
        return begin('re-encrypt', person);
      },
      reencryption: async () => (await reencryption.status()) as unknown as JsonObject,
      async setMinimum({ person }, form) {
        if (!mayKeep) return busy();
        const changed = await reencryption.setMinimum(form);
        if (isRefusal(changed)) return changed;
        await tell('vault.minimum.changed', { actor: person, subject: vault.keyId, facts: { ...changed } });
        return changed;
      },
      kitPrinted: async ({ person }, again) => {
        await tell('vault.recovery_kit.printed', { actor: person, subject: vault.keyId, facts: { key: vault.keyId, again } });
        return { key: vault.keyId };
      },
    },
    look,
    start(keeps) {
      timer = setInterval(() => lookSafely(keeps ? look : vault.refreshKeys), LOOK_EVERY_MS);
      timer.unref();
    },
    settled: () => work,
    async stop() {
      if (timer !== null) clearInterval(timer);
      await work;
    },
  };
}
