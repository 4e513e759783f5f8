// What the rounds over the keys are made of: steps that one process at a time takes, with writers of keys outside where that is needed.

import { type Clock, type Random, type Refusal, refuse, type Tx } from '#core';
import { outsideTransaction, type RoomDatabase } from '#storage';
import { vaultCodes } from '../errors.ts';
import { shutOutWriters, takeTurn } from '../store/epochs.ts';
import type { HeldKeys } from './held-keys.ts';

export type RoundStep =
  | 'epoch kept'
  | 'epoch prepared'
  | 'epoch current'
  | 'wrapping'
  | 'wrapped'
  | 'survivors written'
  | 'epoch destroyed'
  | 'epoch marked'
  | 'next key kept'
  | 'tenant keys wrapped'
  | 'key file replaced'
  | 'old key forgotten'
  | 'versions added'
  | 'versions dropped';

export interface RoundProgress {
  readonly step: RoundStep;
  /** Keys wrapped so far. */
  readonly done: number;
}

export interface RoundReport {
  readonly wrapped: number;
  readonly survivors: number;
}

export type OnStep = (progress: RoundProgress) => void | Promise<void>;

export interface RoundDeps {
  readonly db: RoomDatabase;
  readonly held: HeldKeys;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Turns {
  system<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** One step with the files: nobody else changes them meanwhile, and what stands in them is what is known here. */
  inTurn<T>(work: (tx: Tx) => Promise<T>): Promise<T | Refusal>;
  /** The same, with every writer of keys outside, tried again when they take too long. */
  alone<T>(work: (tx: Tx) => Promise<T>): Promise<T | Refusal>;
}

/** Keys that are looked at in one statement. */
export const PAGE = 500;
const ATTEMPTS = 8;

export const sentence = (code: string): string => vaultCodes[code]?.sentence ?? code;
const busy = (): Refusal => refuse('VAULT_ROUND_BUSY', sentence('VAULT_ROUND_BUSY'));

export const isRefused = <T>(result: T | Refusal): result is Refusal =>
  typeof result === 'object' && result !== null && 'code' in result && 'reason' in result;

export function createTurns({ db, held }: Pick<RoundDeps, 'db' | 'held'>): Turns {
  const system = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => outsideTransaction(() => db.asSystem('installer', work));

  function inTurn<T>(work: (tx: Tx) => Promise<T>): Promise<T | Refusal> {
    return system(async (tx) => {
      if (!(await takeTurn(tx))) return busy();
      await held.refresh();
      return work(tx);
    });
  }

  async function alone<T>(work: (tx: Tx) => Promise<T>): Promise<T | Refusal> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await inTurn(async (tx) => {
          await shutOutWriters(tx);
          return work(tx);
        });
      } catch (error) {
        const code = (error as { code?: string }).code;
        if (attempt === ATTEMPTS || (code !== 'STORAGE_TIMEOUT' && code !== 'STORAGE_CONFLICT')) throw error;
      }
    }
  }

  return { system, inTurn, alone };
}
