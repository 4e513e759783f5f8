export { type ActorCipher, createActorCipher, type SubjectVault, subjectOf } from './actor-cipher.ts';
export { type ActorLinks, createActorLinks } from './actor-links.ts';
export { type CheckpointAnchor, createFileAnchor } from './anchor.ts';
export type { Anchor, AnchorPost, AnchorReply, AnchorRequest, SignedCheckpoint } from './anchors/anchor.ts';
export { createFolderAnchor } from './anchors/folder.ts';
export { isPolicyFault, isQuorum, parseWitnessPolicy, type WitnessPolicy } from './anchors/policy.ts';
export { type AnchorPusher, createAnchorPusher, QUORUM, witnessId } from './anchors/pusher.ts';
export { createWebhookAnchor, webhookHeaders, webhookKey } from './anchors/webhook.ts';
export { createWitnessAnchor } from './anchors/witness-client.ts';
export { type Continuity, type ContinuityVerdict, checkContinuity, type KeptLedger, readKept } from './continuity.ts';
export { type EpochDeps, type EpochInput, type StartedEpoch, startEpoch } from './epoch.ts';
export { auditCodes } from './errors.ts';
export { auditEvents } from './events.ts';
export { VERIFIED_AHEAD_MS } from './health.ts';
export {
  createLedger,
  type Ledger,
  type LedgerDeps,
  type LedgerEntry,
  type SubjectEntry,
} from './ledger.ts';
export { differences, type LedgerState, readLedgerState, recomputeLedger, type StatedLedger } from './ledger-state.ts';
export { epochOf, epochOrigin } from './ledger-texts.ts';
export { LISTINGS, type ListingFormat } from './listing/index.ts';
export type { ListedLeaf } from './listing/listed-leaf.ts';
export { migrations } from './migrations/index.ts';
export type { ExportReport, ExportRequest, PackExport } from './pack/export-pack.ts';
export { verifierFile } from './pack/pack-texts.ts';
export { proveContinuity } from './prove-continuity.ts';
export type { EventProof } from './prove-event.ts';
export {
  createLedgerSearch,
  type EventCount,
  type EventPage,
  type FoundEvent,
  type LedgerSearch,
  MAX_PAGE,
  type SeenEvent,
} from './query/query.ts';
export { type Amount, type CountedFigure, FIGURES, type FigureKey, queryOf } from './query/query-business.ts';
export { cursorAt, readCursor } from './query/query-cursor.ts';
export { ASKED_CODE, type Column } from './query/query-facts.ts';
export { ANY_EVENT, type EventQuestion } from './query/query-filter.ts';
export { createSearchIndexer, type SearchIndexer } from './query/query-index.ts';
export { createReadRecord, type ReadRecord } from './query/query-reads.ts';
export type { LedgerRun } from './query/query-runs.ts';
export { type EventPayload, readPayload } from './read-payload.ts';
export { sealedColumns } from './sealed-columns.ts';
export { createSequencer, type Sequencer, type SequencerDeps, type SequencerFault } from './sequencer.ts';
export { followKeys } from './sign-checkpoint.ts';
export { type KeyLink, type LedgerKey, type LedgerSigner, OVERLAP_MS } from './signing/ledger-signer.ts';
export {
  createNoteSigner,
  formatNote,
  isSignedBy,
  type NoteSigner,
  type ParsedNote,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
} from './signing/note.ts';
export { createKeyRotation, type KeyChainView, type KeyRotation, type RotationRequest } from './signing/rotate-key.ts';
export { createSigningKeyFile, loadSigningKey, openSigningKeys } from './signing/signing-key.ts';
export { deleteLinksOf } from './store/actor-links.ts';
export { type AnchorSight, anchorsCovering, endLease, takeLease } from './store/anchors.ts';
export { lastCosigned, newestCosigned, noteWithCosignatures } from './store/cosignatures.ts';
export { deletePayloadsOf } from './store/erase-payloads.ts';
export { countUnsigned, insertVerification, readVerifications } from './store/health.ts';
export { newestMoment } from './store/newest-moment.ts';
export { leafTexts } from './store/read-state.ts';
export type { DayTally, DayWindow } from './tally-day.ts';
export { report as verdictText } from './verifier/sallyport-verify.ts';
export { sha256 as sha256OfProof } from './verifier/unverified.ts';
export { type Verdict, type VerifyOptions, verifyPack } from './verifier/verify-pack.ts';
export { type ProofVerdict, verifyProof } from './verifier/verify-proof.ts';
export { type ConfiguredAnchor, createLedgerHealth, type HealthChange, type HealthReport, type LedgerHealth } from './watch-health.ts';
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
