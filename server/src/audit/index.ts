export { type CheckpointAnchor, createFileAnchor } from './anchor.ts';
export { auditCodes } from './errors.ts';
export { auditEvents } from './events.ts';
export type { ExportReport, ExportRequest } from './export-pack.ts';
export {
  createLedger,
  type EventProof,
  type Ledger,
  type LedgerDeps,
  type LedgerEntry,
  type SubjectEntry,
} from './ledger.ts';
export { migrations } from './migrations/index.ts';
export { createNoteSigner, type NoteSigner } from './note.ts';
export { createSequencer, type Sequencer, type SequencerDeps } from './sequencer.ts';
export { createSigningKeyFile, loadSigningKey } from './signing-key.ts';
export type { LedgerRun } from './store/read-runs.ts';
export type { DayTally, DayWindow } from './tally-day.ts';
export { type Verdict, type VerifyOptions, verifyPack } from './verifier/sallyport-verify.ts';
