// Who may see which class of data, as the control plane tells and takes it.

import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';

export type Handling = 'clear' | 'tokenise' | 'mask' | 'refuse';
export type Unsure = 'leave' | 'mask' | 'ask' | 'refuse';
export type RuleMode = 'monitor' | 'enforce' | 'asked';

/** From the loosest to the strictest. */
export const HANDLINGS: readonly Handling[] = ['clear', 'tokenise', 'mask', 'refuse'];
export const UNSURE: readonly Unsure[] = ['leave', 'mask', 'ask', 'refuse'];

export interface MatrixCell {
  readonly class: string;
  readonly destination: string;
  readonly handling: Handling;
  readonly default: Handling;
  readonly from: 'default' | 'kind' | 'integration';
  readonly trial: Handling | null;
  /** Whether a person who is asked about a doubtful find may send it as it is. */
  readonly asIs: boolean;
  readonly choices: readonly Handling[];
  readonly isLocked: boolean;
  readonly hits: number;
  readonly trialHits: number;
}

export interface MatrixClass {
  readonly class: string;
  readonly meaning: string;
  readonly sensitivity: string;
  readonly unsure: Unsure;
  readonly unsureDefault: Unsure;
  readonly isFound: boolean;
}

export interface MatrixDestination {
  readonly name: string;
  readonly kind: 'model' | 'tool' | 'customer' | 'web';
  readonly integration: string | null;
}

export interface Matrix {
  readonly destinations: readonly MatrixDestination[];
  /** Integrations that have no rule and no hits of their own; what holds for their kind holds for them. */
  readonly others: readonly MatrixDestination[];
  readonly classes: readonly MatrixClass[];
  readonly cells: readonly MatrixCell[];
  readonly hitDays: number;
}

export const matrixQuery = queryOptions({
  queryKey: ['data-matrix'],
  queryFn: () => api<Matrix>('GET', '/api/data/matrix'),
});

const pathOf = ({ destination, class: name }: Pick<MatrixCell, 'destination' | 'class'>): string =>
  `/api/data/matrix/${encodeURIComponent(destination)}/${encodeURIComponent(name)}`;

export const setRule = (
  at: Pick<MatrixCell, 'destination' | 'class'>,
  rule: { readonly handling: Handling; readonly mode: RuleMode },
  reason: string,
): Promise<Matrix> => api<Matrix>('PUT', pathOf(at), rule, reason);
export const resetRule = (at: Pick<MatrixCell, 'destination' | 'class'>, mode: RuleMode, reason: string): Promise<Matrix> =>
  api<Matrix>('DELETE', `${pathOf(at)}?mode=${mode}`, undefined, reason);
export const setUnsure = (name: string, unsure: Unsure, reason: string): Promise<Matrix> =>
  api<Matrix>('PUT', `/api/data/unsure/${encodeURIComponent(name)}`, { unsure }, reason);
export const resetUnsure = (name: string, reason: string): Promise<Matrix> =>
  api<Matrix>('DELETE', `/api/data/unsure/${encodeURIComponent(name)}`, undefined, reason);
