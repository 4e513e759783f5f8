// Anchors as the settings name them: the folder, the webhook and the witnesses of the policy file, each over the one outbound door.
// What is set wrongly stops the start, with the setting's name; what only does not answer is shown in the ledger's health.

import { accessSync, constants, readFileSync } from 'node:fs';
import {
  type Anchor,
  type AnchorPost,
  type ConfiguredAnchor,
  createFolderAnchor,
  createWebhookAnchor,
  createWitnessAnchor,
  isPolicyFault,
  isQuorum,
  lastCosigned,
  parseWitnessPolicy,
  QUORUM,
  type WitnessPolicy,
  webhookKey,
  witnessId,
} from '#audit';
import { type Clock, SallyportError } from '#core';
import type { Egress } from '#egress';
import type { Database } from '#storage';
import { readPrivate } from '../secret-file.ts';
import type { Config } from '../settings.ts';

/** A witness answers in milliseconds; a receiver of webhooks should within seconds. */
const LIMITS = { connectMs: 5_000, headersMs: 10_000, idleMs: 5_000, totalMs: 15_000, maxResponseBytes: 128 * 1024 } as const;

export interface OpenAnchors {
  readonly anchors: readonly Anchor[];
  readonly policy: WitnessPolicy | null;
  /** As health judges them: the quorum stands for the witnesses. */
  readonly configured: readonly ConfiguredAnchor[];
}

export interface AnchorWorld {
  readonly config: Pick<Config, 'anchorFolder' | 'anchorWebhook' | 'anchorWebhookSecretFile' | 'witnessPolicy'>;
  readonly egress: Pick<Egress, 'requestJson'>;
  readonly database: Pick<Database, 'asSystem'>;
  readonly clock: Clock;
  /** Breaks off what is under way, at the end. */
  readonly signal: AbortSignal;
}

function invalid(message: string): SallyportError {
  return new SallyportError('MAIN_CONFIG_INVALID', message);
}

function postBy({ egress, signal }: AnchorWorld): AnchorPost {
  return async ({ url, headers, body }) => {
    const { origin, pathname, search } = new URL(url);
    const reply = await egress.requestJson({
      destination: { origin, pathPrefix: pathname, methods: ['POST'] },
      method: 'POST',
      path: `${pathname}${search}`,
      headers,
      body,
      signal,
      limits: LIMITS,
    });
    const type = reply.headers['content-type'];
    return { status: reply.status, contentType: typeof type === 'string' ? type : '', body: reply.body };
  };
}

function webhook(world: AnchorWorld): readonly Anchor[] {
  const { anchorWebhook: url, anchorWebhookSecretFile: secretFile } = world.config;
  if (url === null) return [];
  if (secretFile === null)
    throw invalid('Setting anchorWebhook needs anchorWebhookSecretFile, a file with the secret that signs: whsec_...');
  const key = webhookKey(readPrivate(secretFile).trim());
  if (key === null) throw invalid('The file of anchorWebhookSecretFile holds no secret of the form whsec_ and base64 of 24 to 64 bytes.');
  return [createWebhookAnchor({ url, key, post: postBy(world), clock: world.clock })];
}

function readPolicy(path: string): WitnessPolicy {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new SallyportError('MAIN_CONFIG_UNREADABLE', `The witness policy ${path} can not be read.`, { cause });
  }
  const policy = parseWitnessPolicy(bytes);
  if (isPolicyFault(policy)) throw invalid(`Line ${policy.line} of the witness policy ${path} is wrong: ${policy.message}.`);
  const reachable = new Set(policy.witnesses.filter((one) => one.url !== null).map((one) => one.name));
  if (!isQuorum(policy, reachable)) throw invalid(`The witnesses with a URL in the policy ${path} can not make up its quorum.`);
  return policy;
}

function witnesses(policy: WitnessPolicy, world: AnchorWorld): readonly Anchor[] {
  return policy.witnesses.flatMap((witness) => {
    const { name, key, url } = witness;
    if (url === null) return [];
    const knownSize = (epoch: number) => world.database.asSystem('sequencer', (tx) => lastCosigned(tx, witnessId(witness), epoch));
    return [createWitnessAnchor({ name, key, url, post: postBy(world), knownSize })];
  });
}

export function openAnchors(world: AnchorWorld): OpenAnchors {
  const { anchorFolder, witnessPolicy } = world.config;
  const policy = witnessPolicy === null ? null : readPolicy(witnessPolicy);
  const anchors = [
    ...(anchorFolder === null ? [] : [createFolderAnchor(anchorFolder)]),
    ...webhook(world),
    ...(policy === null ? [] : witnesses(policy, world)),
  ];
  const names = anchors.map((anchor) => anchor.name);
  if (new Set([...names, QUORUM, 'file']).size !== names.length + 2) {
    throw invalid('A witness of the policy bears the name of another anchor: folder, webhook, file and quorum are taken.');
  }
  const quorum = policy === null ? [] : [{ name: QUORUM, kind: QUORUM, isRequired: policy.quorum !== 'none' }];
  return { anchors, policy, configured: [...anchors.map(({ name, kind, isRequired }) => ({ name, kind, isRequired })), ...quorum] };
}

/** What the settings name, in words, for the doctor: reads the files they point to and sends nothing. Throws what is wrong with them. */
export function describeAnchors(config: AnchorWorld['config']): string {
  const nothing = (): Promise<never> => Promise.reject(new Error('the doctor sends nothing'));
  const database = { asSystem: nothing };
  const { anchors, policy } = openAnchors({
    config,
    egress: { requestJson: nothing },
    database,
    clock: { now: () => 0 },
    signal: new AbortController().signal,
  });
  if (config.anchorFolder !== null) mustWrite(config.anchorFolder);
  if (anchors.length === 0) return 'none but the file beside the keys and your command line; docs/witness.md says what more there is';
  return `${anchors.map((anchor) => anchor.name).join(', ')}${policy === null ? '' : `; quorum ${policy.quorum}`}`;
}

function mustWrite(folder: string): void {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new SallyportError(
      'AUDIT_ANCHOR_FOLDER_UNUSABLE',
      `The folder ${folder} is not there or can not be written; create or mount it.`,
      { cause },
    );
  }
}
