// A window of the ledger in numbers, put together from what its store counts.

import type { TenantId, Tx } from '#core';
import { countEndings, countReplaced, type MoneyTally, type RunTally, type StepCount, tallyMoney, tallyRuns } from './store/read-day.ts';

export interface DayWindow {
  readonly sinceMs: number;
  readonly stepMs: number;
  /** The code of a refusal that only asks a person. */
  readonly askedCode: string;
  /** Most refusal codes to tell. */
  readonly maxCodes: number;
  /** What a run states, true, when it did its work. */
  readonly stated: { readonly event: string; readonly fact: string };
}

export interface DayTally {
  /** Calls by the step they ended in; steps without one are left out. */
  readonly steps: readonly { readonly atMs: number; readonly subjects: number; readonly refused: number; readonly tokenised: number }[];
  /** Most frequent first. */
  readonly refusals: readonly { readonly code: string; readonly count: number }[];
  readonly money: MoneyTally & { readonly refused: number };
  readonly runs: RunTally;
}

export async function tallyDay(tx: Tx, tenant: TenantId, window: DayWindow): Promise<DayTally> {
  const endings = await countEndings(tx, tenant, window);
  const replaced = new Map((await countReplaced(tx, tenant, window)).map(({ step, count }) => [step, count]));
  const refused = endings.filter(({ type, code }) => type === 'enforcement.call.refused' && code !== window.askedCode);
  const steps = [...new Set([...endings.map(({ step }) => step), ...replaced.keys()])].sort((one, two) => one - two);
  return {
    steps: steps.map((step) => ({
      atMs: window.sinceMs + step * window.stepMs,
      subjects: sumOf(endings, (row) => row.step === step),
      refused: sumOf(refused, (row) => row.step === step),
      tokenised: replaced.get(step) ?? 0,
    })),
    refusals: [...new Set(refused.map(({ code }) => code))]
      .map((code) => ({ code: code ?? '', count: sumOf(refused, (row) => row.code === code) }))
      .sort((one, two) => two.count - one.count || one.code.localeCompare(two.code))
      .slice(0, window.maxCodes),
    money: { ...(await tallyMoney(tx, tenant, window)), refused: sumOf(refused, ({ effect }) => effect === 'money') },
    runs: await tallyRuns(tx, tenant, { ...window, ...window.stated }),
  };
}

const sumOf = (rows: readonly StepCount[], fits: (row: StepCount) => boolean): number =>
  rows.reduce((total, row) => (fits(row) ? total + row.count : total), 0);
