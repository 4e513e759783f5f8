// Words of the proof of one event: what was computed in the browser, what it found, and what the drawing shows.

const plural = (count: string, one: string, many: string): string => (count === '1' ? `1 ${one}` : `${count} ${many}`);

export const proof = {
  title: 'Proof',
  lead: (seq: string, size: string, hashes: string) =>
    `Event ${seq} is one of ${size} in this log. With ${plural(hashes, 'other hash', 'other hashes')} anybody can compute the signed root from it; change a byte of it, and another root comes out.`,
  checking: 'Recomputing in your browser',
  missing: 'The server gave no proof with this event. Nothing was recomputed.',
  matches: 'Recomputed in your browser: matches',
  matchesLead:
    'Every hash from this event to the signed checkpoint was computed here, by the code of this page, and fits; the signature is valid.',
  unsignedLead:
    'Every hash from this event to the checkpoint was computed here and fits. Your browser can not check Ed25519 signatures; the command below does.',
  broken: 'Recomputed in your browser: does not match',
  steps: {
    leaf: 'The bytes of the event do not have the hash that is in the proof, or are those of another event.',
    tenant: 'The hashes of the proof do not lead from this event to the root of your log.',
    global: 'The hashes of the proof do not lead from the root of your log to the root of the installation.',
    checkpoint: 'The signed checkpoint is about another tree than the one that was computed.',
    signature: 'The signature under the checkpoint is not by the key of this installation.',
  },
  brokenAct: 'Do not rely on this event. Keep the proof, and check a pack that was exported earlier.',
  noCrypto:
    'Your browser offers no cryptography on this page, because it was not opened over https or on this machine. Nothing was recomputed.',
  key: 'Key of this installation',
  zones: {
    event: 'This event',
    eventNote: (seq: string) => `its bytes, hashed: leaf ${seq}`,
    tenant: 'Your log',
    tenantNote: (size: string) => plural(size, 'event', 'events'),
    tenantRoot: 'Root of your log',
    global: 'The installation',
    globalNote: (size: string) => `${plural(size, 'line', 'lines')}: each the state of a log at a moment`,
    head: (index: string) => `is line ${index} of`,
    globalRoot: 'Root of the installation',
    checkpoint: 'Signed checkpoint',
    seen: 'Seen outside of the database by',
  },
  covers: (from: string, to: string) => (from === to ? `event ${from}` : `events ${from} to ${to}`),
  coversLines: (from: string, to: string) => (from === to ? `line ${from}` : `lines ${from} to ${to}`),
  drawing: (leaf: string, size: string, hashes: string) =>
    `${leaf} of ${size}, joined with ${plural(hashes, 'hash', 'hashes')} down to the root; every step stands in the table below`,
  eventOf: (index: string) => `Event ${index}`,
  lineOf: (index: string) => `Line ${index}`,
  signedBy: 'Signed by',
  signature: { valid: 'valid', invalid: 'not valid', unchecked: 'not checked here' },
  cosigned: 'Cosigned by',
  otherKey: 'Signed with another key under the name',
  cosignedAt: (when: string) => `it says: seen ${when}`,
  epoch: 'Epoch',
  anchorKinds: {
    file: 'File outside of the database',
    folder: 'Folder',
    webhook: 'Webhook',
    witness: 'Witness',
  } as Readonly<Record<string, string>>,
  noAnchors: 'No anchor has seen a checkpoint with this event yet.',
  table: {
    title: 'Every step of the proof',
    step: 'Step',
    with: 'Joined with',
    side: 'On the',
    result: 'Gives',
    leaf: 'Hash of the event',
    tenant: (level: number) => `Your log, step ${level}`,
    head: 'Hash of your log’s line in the installation',
    global: (level: number) => `Installation, step ${level}`,
    left: 'left',
    right: 'right',
    nothing: '–',
  },
  copyLeaf: 'Copy the bytes',
  copyProof: 'Copy the proof',
  stranger:
    'With another program: your own command line asks for the proof, checks it by itself, and compares the checkpoint with what it saw before:',
  command: (seq: string) => `sallyport audit proof ${seq}`,
} as const;
