// Front of the witness inside the room.

export { isConsistent } from './consistency.ts';
export { openCosignature } from './cosignature.ts';
export { type Cosigner, createWitnessKey, loadWitnessKey } from './key-file.ts';
export { type ServeOptions, serveWitness, type WitnessServer } from './serve.ts';
export {
  COSIGNATURE_V1,
  ED25519,
  isSignedBy,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  type SignedNote,
  type VerifierKey,
} from './signed-note.ts';
export { type Answer, openWitness, type Witness, type WitnessOptions } from './witness.ts';
