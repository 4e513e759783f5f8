// What happens around a person's decision: the decision itself, and the one execution that follows it.

import { type ApprovalId, isRefusal, type TenantId } from '#core';
import { executeApproved } from '#enforcement';
import { decodeChat, openaiProtocol } from '#gateway';
import type { Logger } from '../logger.ts';
import { codeOf, type Rooms } from './rooms.ts';

export interface Executor {
  /** Runs an approved call now, in the background. */
  wake(tenant: TenantId, approval: ApprovalId): void;
  /** Picks up approved calls whose process died before it ran them. */
  sweep(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

const SWEEP_MS = 2_000;
const MODELS = { decode: decodeChat, protocol: openaiProtocol };

export function createExecutor(rooms: Rooms, logger: Logger): Executor {
  const running = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | null = null;
  let sweeping: Promise<void> = Promise.resolve();

  const run = async (tenant: TenantId, approval: ApprovalId): Promise<void> => {
    const result = await executeApproved({ guard: rooms.guard, execution: rooms.approvals, models: MODELS }, tenant, approval);
    if (isRefusal(result)) logger.info({ event: 'approval.not_run', code: result.code });
    else logger.info({ event: 'approval.run', call: result.call, code: result.code });
  };
  const wake = (tenant: TenantId, approval: ApprovalId): void => {
    const work = run(tenant, approval)
      .catch((fault: unknown) => logger.error({ event: 'approval.fault', code: codeOf(fault) }))
      .finally(() => running.delete(work));
    running.add(work);
  };
  const sweep = async (): Promise<void> => {
    for (const { tenant, approval } of await rooms.approvals.sweep()) {
      // One that can not run holds up no other.
      await run(tenant, approval).catch((fault: unknown) => logger.error({ event: 'approval.fault', code: codeOf(fault) }));
    }
  };

  return {
    wake,
    sweep,
    start: () => {
      timer = setInterval(() => {
        sweeping = sweeping.then(sweep).catch((fault: unknown) => logger.error({ event: 'approval.fault', code: codeOf(fault) }));
      }, SWEEP_MS);
      timer.unref();
    },
    stop: async () => {
      if (timer !== null) clearInterval(timer);
      await sweeping;
      await Promise.all(running);
    },
  };
}
