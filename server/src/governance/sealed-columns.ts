// Which columns of this room hold sealed values, and for what purpose each was sealed.

import type { DeletionTaskId, SealedColumn } from '#core';
import { PURPOSE as purposeOfAssessment } from './assessments/assessments.ts';
import { PEOPLE, TEXT, WHAT } from './breaches/breaches.ts';
import { purposeOf as purposeOfPlanted } from './canaries/sealed-values.ts';
import { PURPOSE } from './datasets/subjects.ts';
import { FILTER_PURPOSE } from './datasets/who-reads.ts';
import { purposeOfTask } from './rights/deletions.ts';
import { purposeOfReason } from './rights/holds.ts';
import { purposeOfSubject } from './rights/requests.ts';

export const sealedColumns: readonly SealedColumn[] = [
  { table: 'governance_assessments', column: 'sealed', key: ['id'], purpose: ({ id }) => purposeOfAssessment(String(id)) },
  { table: 'governance_breaches', column: 'sealed_what', key: ['id'], purpose: ({ id }) => WHAT(String(id)) },
  { table: 'governance_breaches', column: 'sealed_people', key: ['id'], purpose: ({ id }) => PEOPLE(String(id)) },
  { table: 'governance_breach_steps', column: 'sealed_text', key: ['breach', 'number'], purpose: ({ breach }) => TEXT(String(breach)) },
  { table: 'governance_tasks', column: 'sealed_person', key: ['id'], purpose: ({ id }) => purposeOfTask(id as DeletionTaskId) },
  { table: 'governance_dataset_grants', column: 'filter', key: ['id'], purpose: () => FILTER_PURPOSE },
  { table: 'governance_dataset_raw', column: 'reason', key: ['id'], purpose: () => PURPOSE },
  { table: 'governance_dataset_rows', column: 'sealed', key: ['dataset', 'version', 'row_number'], purpose: () => PURPOSE },
  { table: 'governance_holds', column: 'sealed_reason', key: ['id'], purpose: ({ id }) => purposeOfReason(String(id)) },
  { table: 'governance_planted', column: 'sealed', key: ['id'], purpose: ({ id }) => purposeOfPlanted(String(id)) },
  { table: 'governance_requests', column: 'sealed_subject', key: ['id'], purpose: ({ id }) => purposeOfSubject(String(id)) },
];
