export {
  type AssessmentContent,
  type AssessmentState,
  type Assessments,
  type AssessmentView,
  CONTENT_FIELDS,
  createAssessments,
  type SubjectView,
} from './assessments/assessments.ts';
export { createDecisions, type Decisions, type DecisionView, type ManifestDecision } from './assessments/decisions.ts';
export { admtDuty, type DutyView, dutiesAt } from './assessments/duties.ts';
export { type Notice, noticeHtml, noticeOf } from './assessments/notice.ts';
export { type AssessedWorkflow, TRIGGERS } from './assessments/triggers.ts';
export { type Affected, type Breaches, type BreachStep, type BreachView, createBreaches, OPEN_POINTS } from './breaches/breaches.ts';
export { draftHtml } from './breaches/draft.ts';
export { customersBehind } from './breaches/names.ts';
export { type Criteria, LOOKED_AT } from './breaches/scope.ts';
export {
  type Canaries,
  type CanaryView,
  createCanaries,
  DEFAULT_STALE_DAYS,
  MAX_PLANTED,
  type NewCanary,
} from './canaries/canaries.ts';
export {
  CANARY_KINDS,
  type CanaryKind,
  inventing,
  type PlantedValues,
  VALUE_NAMES,
  type ValueName,
  withCheckDigits,
  withLuhn,
} from './canaries/invent.ts';
export { createNotes, type Notes } from './canaries/notes.ts';
export { spellingsOf } from './canaries/spellings.ts';
export {
  type CanaryFinding,
  ON_LEAK,
  type OnLeak,
  PLACE_KINDS,
  type PlaceKind,
  type PlantedAt,
  type Sighting,
  type WatchedCanary,
} from './canaries/types.ts';
export { type CanaryWatch, type Crossing, openCanaryWatch, readPlanted } from './canaries/watch.ts';
export { shownAs } from './datasets/columns.ts';
export { createDatasets, type Datasets } from './datasets/datasets.ts';
export { type DatasetGrant, FILTER_KINDS, type RowFilter } from './datasets/filters.ts';
export { datasetsPlace } from './datasets/held-rows.ts';
export { DATASET_FORMATS, type DatasetFormat } from './datasets/parse.ts';
export { MAX_PAGE } from './datasets/reading.ts';
export { MAX_RAW_MINUTES } from './datasets/who-reads.ts';
export { governanceCodes } from './errors.ts';
export { governanceEvents } from './events.ts';
export { type Article30, article30, article30Html } from './flows/article-30.ts';
export { createFlows, type Flows } from './flows/flows.ts';
export { type CheckDeps, checkOptOuts, type OptOutCheck, type UsedCall } from './flows/opt-out-check.ts';
export { createOptOutSignals, type OptOutSignals, readDelivery } from './flows/opt-out-signals.ts';
export { createOptOuts, type Named, type OptOuts } from './flows/opt-outs.ts';
export { isCountry, regionOf, TRANSFER_BASES, type TransferBasis } from './flows/regions.ts';
export { type FlowRules, openFlowRules } from './flows/rules.ts';
export {
  type Destination,
  type Finding,
  type FlowRow,
  LEGAL_BASES,
  type LegalBasis,
  PARTY_ROLES,
  type PartyRole,
  type Profile,
  UNKNOWN_REGION,
} from './flows/types.ts';
export { migrations } from './migrations/index.ts';
export { canaryPlace } from './retention/canary.ts';
export {
  type AgedFiles,
  createRetention,
  type NewRule,
  type Retention,
  type RetentionView,
  type SweepReceipt,
} from './retention/retention.ts';
export type { DecidingThing, DecisionTaken } from './rights/decisions-taken.ts';
export type { DeletionDeps, NamedPerson } from './rights/deletions.ts';
export type { ErasureReceipt } from './rights/erase.ts';
export type { HistoryEvent, PersonExport } from './rights/export.ts';
export type { HoldView, NewHold } from './rights/holds.ts';
export { type AskedSubject, parseSubject } from './rights/identify.ts';
export { exportPage } from './rights/page.ts';
export type { Held, HeldPart, Place, PlaceName } from './rights/places.ts';
export { REFUSED_WHY, type RefusedWhy, VERIFIED_HOW, type VerifiedHow } from './rights/requests.ts';
export { createRights, type Rights } from './rights/rights.ts';
export { createSubjectIndex, type SubjectIndex } from './rights/subject-index.ts';
export { sealedColumns } from './sealed-columns.ts';
export { RESIDUAL_RISKS, type ResidualRisk } from './store/assessments.ts';
export { type BreachRisk, RISKS } from './store/breaches.ts';
export { type DatasetRecord, listDatasets } from './store/datasets.ts';
export { ADMT_MODES, type AdmtMode, DECISION_KINDS, type DecisionKind } from './store/decisions.ts';
export { findDeleter, findShop, putDeleter, putShop } from './store/deletions.ts';
export type { RequestKind, RequestRow, TaskRow } from './store/requests.ts';
export { addSelfScan, lastSelfScan, type SelfScanRow } from './store/self-scans.ts';
