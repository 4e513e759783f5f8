// Runs random tampers, on the live ledger and on exported zips, and counts those that the verifier finds for the right reason and names the
// place of. A control stands before each kind of trial: what was not tampered with must verify.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { seededRandom } from '@sallyport/testkit';
import type { TenantId } from '#core';
import type { ExportRequest } from '../pack/export-pack.ts';
import { verifyPack } from '../verifier/verify-pack.ts';
import type { LedgerLab } from './ledger-lab.ts';
import { judgeLive, keepCopy, LIVE_TAMPERS, type LiveWorld, NEEDS_SAVED, openTables, putBack } from './live-tamper.ts';
import { tamper, WHOLE_ONLY, ZIP_TAMPERS } from './tamper.ts';

export interface TamperCounts {
  readonly live: number;
  readonly zip: number;
  readonly seed?: number;
  log?(line: string): void;
}

export interface TamperReport {
  readonly live: number;
  readonly zip: number;
  readonly found: number;
  /** What was not found, found for another reason, or found without a place. */
  readonly missed: readonly string[];
  /** Untampered packs that did not verify, and tampers of the last kinds that were refused without anything saved. */
  readonly controls: readonly string[];
  readonly kinds: number;
}

const BATCHES = 12;
/** So many that the tree has hashes above its leaf tiles. */
const EACH = 8;

async function grow(lab: LedgerLab, tenant: TenantId): Promise<void> {
  for (let at = 0; at < BATCHES; at += 1) {
    await lab.write(tenant, EACH, { sealed: Buffer.from('payload') });
    await lab.write(lab.newTenant(), 2);
    await lab.seal();
    lab.clock.advance(60_000);
  }
}

async function exported(lab: LedgerLab, tenant: TenantId, name: string, over: Partial<ExportRequest> = {}): Promise<string> {
  const path = lab.path(name);
  await lab.ledger.exportPack({ tenant, path, actor: 'person:per_test', withPayloads: true, ...over });
  return path;
}

export async function runTampers(lab: LedgerLab, { live, zip, seed, log = () => undefined }: TamperCounts): Promise<TamperReport> {
  const random = seededRandom(seed);
  const tenant = lab.newTenant();
  const trusted = { trustedKey: lab.signer.verifierKey };
  const [missed, controls]: [string[], string[]] = [[], []];
  const kinds = new Set<string>();
  let [found, exports] = [0, 0];
  const expectWhole = async (path: string, what: string, savedCheckpoint?: string): Promise<string> => {
    const verdict = await verifyPack(path, { ...trusted, ...(savedCheckpoint === undefined ? {} : { savedCheckpoint }) });
    if (!verdict.ok) controls.push(`${what}: ${verdict.code}`);
    return verdict.receipt ?? '';
  };
  const judge = (kind: string, reason: string | null): void => {
    kinds.add(kind);
    if (reason === null) found += 1;
    else missed.push(`${kind}: ${reason}`);
    if ((found + missed.length) % 100 === 0) log(`${found + missed.length} tampers, ${missed.length} missed`);
  };

  await grow(lab, tenant);
  await openTables(lab);
  await keepCopy(lab, 'older');
  await grow(lab, tenant);
  const savedSize = 2 * BATCHES * EACH;
  const receipt = await expectWhole(await exported(lab, tenant, 'saved.zip'), 'the pack whose receipt is kept');
  await keepCopy(lab, 'saved');
  // An auditor asks for a proof from the size that was kept.
  const savedGlobal = Number((JSON.parse(receipt) as { note: string }).note.split('\n')[1]);
  const saved = { receipt, checkpoint: (JSON.parse(receipt) as { note: string }).note };
  await grow(lab, tenant);
  await keepCopy(lab, 'newest');
  const size = 3 * BATCHES * EACH + 1;
  const world: LiveWorld = { lab, tenant, size, savedSize, random };

  for (let at = 0; at < live; at += 1) {
    await putBack(lab, 'newest');
    const names = Object.keys(LIVE_TAMPERS);
    const kind = names[at % names.length] as string;
    if (at % 100 === 0) await expectWhole(await exported(lab, tenant, `control-${at}.zip`), 'an untouched ledger', receipt);
    const expected = await (LIVE_TAMPERS[kind] as (typeof LIVE_TAMPERS)[string])(world);
    exports += 1;
    const path = await exported(lab, tenant, `live-${exports}.zip`, { since: [savedGlobal] });
    if (NEEDS_SAVED.has(kind)) await expectWhole(path, `${kind}, alone`);
    const against = expected.against === 'nothing' ? {} : { savedCheckpoint: saved[expected.against] };
    judge(`live: ${kind}`, judgeLive(await verifyPack(path, { ...trusted, ...against }), expected));
    rmSync(path);
  }

  await putBack(lab, 'newest');
  const atMs = lab.clock.now();
  const middle = { fromMs: atMs - 20 * 60_000, toMs: atMs - 8 * 60_000 };
  const packs = [
    readFileSync(await exported(lab, tenant, 'whole.zip')),
    readFileSync(await exported(lab, tenant, 'range.zip', { filter: middle })),
    readFileSync(await exported(lab, tenant, 'chosen.zip', { filter: { type: 'audit.' } })),
  ];
  const path = lab.path('tampered.zip');
  for (const pack of packs) {
    writeFileSync(path, pack);
    await expectWhole(path, 'an untouched pack');
  }
  for (let at = 0, tried = 0; tried < zip; at += 1) {
    const kind = ZIP_TAMPERS[at % ZIP_TAMPERS.length] as string;
    const pack = packs[WHOLE_ONLY.has(kind) ? 0 : random.below(packs.length)] as Buffer;
    const changed = await tamper(pack, { kind, atMs, random });
    if (changed === null) continue;
    tried += 1;
    writeFileSync(path, changed.bytes);
    judge(`zip: ${kind}`, changed.judge(await verifyPack(path, trusted)));
  }
  return { live, zip, found, missed, controls, kinds: kinds.size };
}
