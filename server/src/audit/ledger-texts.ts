// The texts of the ledger beside checkpoints, and how an epoch is named. Epoch 1 bears the ledger's own origin; each later one, begun by a
// restore, is a log of its own. FORMAT.md section 3 is the specification.

const EPOCH_OF = /^(.*)\.([1-9]\d{0,8})$/;

export function epochOrigin(origin: string, epoch: number): string {
  return epoch === 1 ? origin : `${origin}.${epoch}`;
}

/** The epoch whose origin this is in the ledger of `origin`; null when it is of another ledger. */
export function epochOf(origin: string, named: string): number | null {
  if (named === origin) return 1;
  const [, base, digits] = EPOCH_OF.exec(named) ?? [];
  const epoch = Number(digits);
  return base === origin && epoch > 1 ? epoch : null;
}

/** A leaf that says only that the ledger was alive: so a signed checkpoint is never older than a minute. */
export function tickText(origin: string, atMs: number): string {
  return `${origin}/tick\n${atMs}\n`;
}

const NO_NOTE = '-';

/** Leaf 0 of an epoch after the first: the whole signed notes of what came before, `-` where there was none. */
export function epochText(origin: string, before: { readonly lastWitnessed: string | null; readonly restoredAt: string | null }): string {
  const line = (note: string | null): string => (note === null ? NO_NOTE : Buffer.from(note).toString('base64'));
  return `${origin}/epoch\n${line(before.lastWitnessed)}\n${line(before.restoredAt)}\n`;
}

/** What an epoch's leaf 0 says; null when it is not that text. */
export function parseEpochText(
  text: string,
): { readonly origin: string; readonly lastWitnessed: string | null; readonly restoredAt: string | null } | null {
  const [head = '', ...lines] = text.split('\n');
  if (!head.endsWith('/epoch')) return null;
  const note = (line = ''): string | null => (line === NO_NOTE ? null : Buffer.from(line, 'base64').toString('utf8'));
  const said = { origin: head.slice(0, -'/epoch'.length), lastWitnessed: note(lines[0]), restoredAt: note(lines[1]) };
  return epochText(said.origin, said) === text ? said : null;
}

/** A rotation statement: the key of this sequence follows. Signed by the key before it and by the new one. */
export function rotationText(origin: string, sequence: number, verifierKey: string): string {
  return `${origin}/keys\n${sequence}\n${verifierKey}\n`;
}
