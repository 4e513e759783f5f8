export { type CheckpointAnchor, createFileAnchor } from './anchor.ts';
export { auditCodes } from './errors.ts';
export { type EpochDeps, type EpochInput, type StartedEpoch, startEpoch } from './epoch.ts';
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
export { type KeyLink, type LedgerKey, type LedgerSigner, OVERLAP_MS } from './ledger-signer.ts';
export { epochOf, epochOrigin } from './ledger-texts.ts';
export { createNoteSigner, formatNote, isSignedBy, type NoteSigner, type ParsedNote, parseCheckpoint, parseNote, parseVerifierKey } from './note.ts';
export { createKeyRotation, type KeyChainView, type KeyRotation, type RotationRequest } from './rotate-key.ts';
export { createSequencer, type Sequencer, type SequencerDeps } from './sequencer.ts';
export { createSigningKeyFile, loadSigningKey, openSigningKeys } from './signing-key.ts';
export type { LedgerRun } from './store/read-runs.ts';
export type { DayTally, DayWindow } from './tally-day.ts';
export { type Verdict, type VerifyOptions, verifyPack } from './verifier/sallyport-verify.ts';
export {
  createWitnessKey,
  loadWitnessKey,
  openWitness,
  type ServeOptions,
  serveWitness,
  type Witness,
  type WitnessOptions,
  type WitnessServer,
} from './witness/index.ts';
