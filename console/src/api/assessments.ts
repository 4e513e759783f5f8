// Assessments and decisions by machines, as the control plane tells them.

import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';

export interface Trigger {
  readonly trigger: string;
  readonly because: string;
  readonly laws: readonly string[];
}

export interface AssessmentRow {
  readonly id: string;
  readonly subject: string;
  readonly version: string;
  readonly revision: number;
  readonly residualRisk: string;
  readonly reviewAt: string;
  readonly recordedAt: string;
  readonly recordedByName: string | null;
  readonly approvedAt: string | null;
  readonly approvedByName: string | null;
  readonly alone: boolean | null;
}

export interface Assessment extends AssessmentRow {
  readonly state: string;
  readonly content: Readonly<Record<string, string>>;
  readonly triggers: readonly Trigger[];
}

export interface AssessedSubject {
  readonly subject: string;
  readonly version: string;
  readonly triggers: readonly Trigger[];
  readonly state: 'needed' | 'waiting' | 'current' | 'changed' | 'review_due';
  readonly neededSince: string | null;
  readonly latest: AssessmentRow | null;
  readonly approved: AssessmentRow | null;
}

export interface Duty {
  readonly id: string;
  readonly law: string;
  readonly what: string;
  readonly from: string;
  readonly inForce: boolean;
}

export interface Decision {
  readonly kind: 'workflow' | 'operation';
  readonly name: string;
  readonly decides: string;
  readonly significant: boolean;
  readonly mode: 'wait' | 'refuse';
  readonly source: 'manifest' | 'declared';
  readonly alwaysByAPerson: boolean;
}

export interface NoticeText {
  readonly title: string;
  readonly parts: readonly { readonly heading: string; readonly text: string | null }[];
  readonly missing: readonly string[];
  readonly html: string;
}

export const assessmentsQuery = queryOptions({
  queryKey: ['assessments'],
  queryFn: () => api<{ blocking: boolean; subjects: readonly AssessedSubject[]; duties: readonly Duty[] }>('GET', '/api/assessments'),
});
export const assessmentQuery = (id: string) =>
  queryOptions({
    queryKey: ['assessments', id],
    queryFn: () => api<Assessment>('GET', `/api/assessments/${encodeURIComponent(id)}`),
  });
export const decisionsQuery = queryOptions({
  queryKey: ['decisions'],
  queryFn: () => api<{ decisions: readonly Decision[]; duty: Duty }>('GET', '/api/decisions'),
});

export const recordAssessment = (body: Readonly<Record<string, string | null>>): Promise<Assessment> =>
  api<Assessment>('POST', '/api/assessments', body);
export const approveAssessment = (id: string): Promise<Assessment> =>
  api<Assessment>('POST', `/api/assessments/${encodeURIComponent(id)}/approve`, {});
export const setBlocking = (blocking: boolean): Promise<unknown> => api<unknown>('PUT', '/api/assessments/blocking', { blocking });

const decisionAt = ({ kind, name }: Pick<Decision, 'kind' | 'name'>): string => `/api/decisions/${kind}/${encodeURIComponent(name)}`;
export const declareDecision = (
  of: Pick<Decision, 'kind' | 'name'>,
  body: {
    readonly decides: string;
    readonly purpose: string;
    readonly logic: string;
    readonly mode: string;
    readonly significant: boolean;
  },
): Promise<Decision> => api<Decision>('PUT', decisionAt(of), body);
export const withdrawDecision = (of: Pick<Decision, 'kind' | 'name'>): Promise<unknown> => api<unknown>('DELETE', decisionAt(of));
export const noticeOf = (of: Pick<Decision, 'kind' | 'name'>): Promise<NoticeText> => api<NoticeText>('GET', `${decisionAt(of)}/notice`);
