// A request to a model that may hold what a person decides about: it is sealed and stored as it came, and runs once after somebody looked
// at the doubtful places. INVARIANT: as it is goes only what the approver saw, and only where the matrix allows it when it is sent.

import {
  canonicalJson,
  type DataClass,
  type Doubt,
  dataClassOfType,
  dataClassSpec,
  type Endorsement,
  type Evidence,
  type JsonValue,
  type ModelRequest,
  type Refusal,
  refuse,
} from '#core';
import type { DlpType, Found } from '#dlp';
import type { Towards } from '../data-matrix/matrix.ts';
import type { GuardDeps } from '../ports.ts';
import type { MarkedText, Rendered } from '../types.ts';
import type { ApprovalContext } from './approval-request.ts';
import { APPROVAL_LIFETIME_MS, type SealedModelCall } from './authorize.ts';
import { towardsModel } from './data-classes.ts';
import { storedLabel } from './endorsement-digest.ts';
import { excerptsOf } from './excerpts.ts';

export async function askAboutDoubts(deps: GuardDeps, call: Rendered): Promise<Rendered | Refusal> {
  const { request, endorsement } = call.received;
  if (request.kind !== 'model') return call;
  if (endorsement !== null) return asApproved(deps, call, { request, endorsement });
  const classes = classesOf(call.asked.flatMap(({ marks }) => marks.filter(({ isAsked }) => isAsked).flatMap(({ types }) => types)));
  const [first] = classes;
  if (first === undefined) return call;
  if (!request.stream) return store(deps, call, { request, classes });
  return refuse(
    'ENFORCEMENT_DATA_CLASS_ASKS',
    'The call may hold a class of data of which a person decides, and a streamed answer can not wait for one; ask without streaming.',
    { class: first, destination: 'model', unsure: 'ask', integration: call.integration.name },
  );
}

/** Asked again, with what was approved: the same request to the same model, and nothing as it is that may not be. */
function asApproved(
  deps: GuardDeps,
  call: Rendered,
  { request, endorsement }: { readonly request: ModelRequest; readonly endorsement: Endorsement },
): Rendered | Refusal {
  const { approval, doubts = [], sendsAsIs = false } = endorsement;
  const digest = requestDigest(deps, call, { request, doubts });
  if (digest !== endorsement.digest)
    return refuse('ENFORCEMENT_ENDORSEMENT_STALE', 'What was approved is no longer what would happen; ask again.', { approval });
  const kept = sendsAsIs ? classesNotAsIs(towardsModel(deps, call), doubts) : [];
  if (kept.length > 0)
    return refuse('ENFORCEMENT_AS_IS_FORBIDDEN', 'What is in doubt may not be sent as it is to this destination any more.', {
      approval,
      class: kept[0] as DataClass,
      integration: call.integration.name,
    });
  return { ...call, digest };
}

/** Classes among the doubts that nobody may send as they are. */
export function classesNotAsIs({ asIs }: Pick<Towards, 'asIs'>, doubts: readonly Doubt[]): readonly DataClass[] {
  return classesOf(doubts.flatMap(({ types }) => types).filter((type) => !asIs.has(type as DlpType)));
}

/** For the recognisers: what of the doubtful the approver lets through. */
export function staysBy(endorsement: Endorsement | null, { asIs }: Pick<Towards, 'asIs'>): (doubt: Doubt) => boolean {
  if (endorsement?.sendsAsIs !== true) return () => false;
  const seen = new Set((endorsement.doubts ?? []).map(keyOf));
  return (doubt) => doubt.types.every((type) => asIs.has(type as DlpType)) && seen.has(keyOf(doubt));
}

const keyOf = ({ types, text }: Doubt): string => `${[...types].sort().join(' ')}\0${text}`;

/** Of one part of a request: the texts in it, or leaves of them, that hold a doubt. */
export function doubtfulTexts(role: MarkedText['role'], found: readonly Found[]): readonly MarkedText[] {
  const texts: { role: MarkedText['role']; text: string; marks: Found[] }[] = [];
  for (const one of found) {
    const last = texts.at(-1);
    // Leaves are read one after the other, and a find never begins before the one before it.
    if (last !== undefined && last.text === one.text && (last.marks.at(-1)?.end ?? 0) <= one.start) last.marks.push(one);
    else texts.push({ role, text: one.text, marks: [one] });
  }
  return texts.filter(({ marks }) => marks.some(({ isAsked }) => isAsked));
}

function classesOf(types: readonly string[]): readonly DataClass[] {
  return [...new Set(types.map((type) => dataClassOfType(type) ?? ('credential' as const)))].sort();
}

function requestDigest(
  deps: Pick<GuardDeps, 'digest'>,
  call: Rendered,
  { request, doubts }: { readonly request: ModelRequest; readonly doubts: readonly Doubt[] },
): string {
  const { integration, principal } = call;
  return deps.digest.sha256(
    canonicalJson({
      tenant: principal.tenant,
      workload: principal.workload,
      workflow: principal.workflow,
      integration: integration.name,
      origin: integration.origin,
      pathPrefix: integration.pathPrefix,
      model: request.model,
      request: deps.digest.sha256(Buffer.from(request.raw).toString('utf8')),
      doubts: doubts.map(({ types, text }) => ({ types: [...types], text })),
      customer: call.customer?.id ?? null,
      label: storedLabel(call),
    } as unknown as JsonValue),
  );
}

async function store(
  deps: GuardDeps,
  call: Rendered,
  { request, classes }: { readonly request: ModelRequest; readonly classes: readonly DataClass[] },
): Promise<Refusal> {
  const { tenant } = call.principal;
  const subject = call.customer?.id ?? null;
  const { excerpts, doubts, left } = excerptsOf(call.asked);
  const digest = requestDigest(deps, call, { request, doubts });
  const sealed: SealedModelCall = {
    kind: 'model',
    request: Buffer.from(request.raw).toString('utf8'),
    key: call.principal.key,
    ...(call.principal.token === undefined ? {} : { token: call.principal.token }),
    idempotencyKey: call.received.idempotencyKey,
    binding: call.binding,
    label: storedLabel(call),
    doubts,
  };
  const context: ApprovalContext = { origins: [], classes: typesOf(call), customer: subject, excerpts, left, doubts };
  const asked: Evidence = { classes: [...classes], doubts: doubts.length + left, model: request.model };
  const approval = await deps.database.inTenant(tenant, async (tx) => {
    const seal = (purpose: string, text: string): Promise<Uint8Array> =>
      deps.vault.seal(tx, { tenant, subject, within: `call:${call.received.call}`, purpose, plaintext: Buffer.from(text) });
    return deps.approvals.request(tx, {
      tenant,
      call: call.received.call,
      requestedBy: call.principal,
      digest,
      sealedSentence: await seal('approval.sentence', sentenceOf(request, call.integration.name, classes)),
      sealedCall: await seal('approval.call', JSON.stringify(sealed)),
      sealedContext: await seal('approval.context', JSON.stringify(context)),
      evidence: {
        ...asked,
        tier: call.binding.tier,
        customerProven: call.customer !== null,
        signals: call.signals.map(({ kind }) => kind),
      },
      expiresAtMs: deps.clock.now() + APPROVAL_LIFETIME_MS,
      integration: call.integration.name,
      operation: 'chat',
      run: call.binding.tier === 'plain' ? null : call.binding.run,
      workflow: call.principal.workflow,
      amount: null,
      needsTwo: false,
      soloPerDay: null,
    });
  });
  return refuse(
    'ENDORSEMENT_REQUIRED',
    'A person must look at what is in doubt; the request is stored and runs once when it is approved.',
    {
      approval,
      digest,
      ...asked,
    },
  );
}

/** What we write ourselves: nothing of the request is in it. */
function sentenceOf({ model }: ModelRequest, integration: string, classes: readonly DataClass[]): string {
  const what = classes.map((one) => dataClassSpec(one).meaning.replace(/^(An? )/, (article) => article.toLowerCase())).join(', ');
  return `Send a request to the model ${model} of ${integration}. It is not sure whether places in it are: ${what}.`;
}

function typesOf({ conversation, asked }: Rendered): readonly string[] {
  const marked = asked.flatMap(({ marks }) => marks.flatMap(({ types }) => types));
  return [...new Set([...Object.keys(conversation?.counts ?? {}), ...Object.keys(conversation?.cleared ?? {}), ...marked])]
    .filter((type) => type !== 'LITERAL')
    .sort();
}
