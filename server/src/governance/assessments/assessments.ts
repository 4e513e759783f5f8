// Assessments of what is a risk for people: found by itself, recorded by a person, approved by another, current until what it is about changes.
// INVARIANTS: nobody sets that something is assessed well: it follows from the approved record, its version and its date; what was found and
// what was recorded is never deleted; what people write is sealed.

import {
  type AssessmentId,
  type Clock,
  type Digest,
  type JsonObject,
  type JsonValue,
  makeEvent,
  newId,
  type PersonPrincipal,
  parseOwnJson,
  type Random,
  type Refusal,
  type SealChangeOf,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { eachTenant } from '../each-tenant.ts';
import { refusal } from '../errors.ts';
import {
  type AssessmentRow,
  addNeeds,
  approveAssessment,
  findApproved,
  findAssessment,
  firstNeeded,
  insertAssessment,
  isBlocking,
  listAssessments,
  type NeedRow,
  type ResidualRisk,
  setBlocking,
} from '../store/assessments.ts';
import { type AssessedWorkflow, type Facts, type Need, needsOf, type Trigger } from './triggers.ts';

export interface AssessmentsDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly digest: Digest;
  readonly vault: {
    seal(tx: Tx, value: { tenant: TenantId; subject: string | null; purpose: string; plaintext: Uint8Array }): Promise<Uint8Array>;
    open(tx: Tx, value: { tenant: TenantId; purpose: string; sealed: Uint8Array }): Promise<Uint8Array>;
  };
  readonly sealChange: SealChangeOf;
  /** Whether somebody else could approve. */
  hasOthers(tx: Tx, person: PersonPrincipal): Promise<boolean>;
  /** What flows, what is declared, which workflows are published, what decides. */
  facts(tenant: TenantId): Promise<Facts>;
  /** A version of a workflow that is not published, to assess it before it is; null when there is none. */
  workflow(tenant: TenantId, name: string, hash: string | null): Promise<AssessedWorkflow | null>;
}

/** What a person writes; everything but the first four may be empty where it does not apply. */
export interface AssessmentContent {
  readonly purpose: string;
  readonly necessity: string;
  readonly risks: string;
  readonly measures: string;
  readonly consulted: string;
  /** Article 36: what the authority said when it was asked, because the risk that remains is high. */
  readonly priorConsultation: string;
  readonly benefits: string;
  readonly harms: string;
  readonly dataKinds: string;
  readonly keptFor: string;
  readonly recipients: string;
  /** How a machine decides, where one does. */
  readonly logic: string;
}
export const CONTENT_FIELDS = [
  ...(['purpose', 'necessity', 'risks', 'measures', 'consulted', 'priorConsultation'] as const),
  ...(['benefits', 'harms', 'dataKinds', 'keptFor', 'recipients', 'logic'] as const),
] as const satisfies readonly (keyof AssessmentContent)[];

export interface NewAssessment {
  readonly subject: string;
  /** Of a workflow, which version; null: what is there now. */
  readonly version: string | null;
  readonly content: AssessmentContent;
  readonly residualRisk: ResidualRisk;
  /** Null: a year from now. */
  readonly reviewAtMs: number | null;
}

/** `needed`: none approved. `waiting`: recorded, and nobody approved it yet. `changed`, `review_due`: there is one, and it does not hold any more. */
export type AssessmentState = 'needed' | 'waiting' | 'current' | 'changed' | 'review_due';

export interface SubjectView {
  readonly subject: string;
  readonly version: string;
  readonly triggers: readonly Trigger[];
  readonly state: AssessmentState;
  readonly neededSinceMs: number | null;
  /** The newest record, whatever became of it. */
  readonly latest: Omit<AssessmentRow, 'sealed'> | null;
  readonly approved: Omit<AssessmentRow, 'sealed'> | null;
}

export interface AssessmentView extends Omit<AssessmentRow, 'sealed'> {
  readonly state: AssessmentState | 'superseded';
  readonly content: AssessmentContent;
  /** What was found when it was recorded. */
  readonly triggers: readonly Trigger[];
}

export interface Assessments {
  list(tenant: TenantId): Promise<{ readonly blocking: boolean; readonly subjects: readonly SubjectView[] }>;
  show(tenant: TenantId, id: AssessmentId): Promise<AssessmentView | Refusal>;
  record(person: PersonPrincipal, assessment: NewAssessment): Promise<AssessmentView | Refusal>;
  approve(person: PersonPrincipal, id: AssessmentId): Promise<AssessmentView | Refusal>;
  setBlocking(person: PersonPrincipal, blocking: boolean): Promise<void>;
  /** Finds what needs an assessment and tells of it, each once. */
  watch(tenants: readonly TenantId[]): Promise<void>;
  /** Whether this version may be published: what it needs is found out now, whether it has it in the transaction that publishes. */
  publishGate(tenant: TenantId, workflow: AssessedWorkflow): Promise<(tx: Tx) => Promise<Refusal | null>>;
}

const DAY_MS = 24 * 60 * 60_000;
const DEFAULT_REVIEW_MS = 365 * DAY_MS;
/** CCPA regulations: at least every three years. */
const MAX_REVIEW_MS = 3 * 366 * DAY_MS;
const ACTOR = 'system:assessments';
export const PURPOSE = (id: string): string => `governance_assessments.sealed/${id}`;

export function createAssessments(deps: AssessmentsDeps): Assessments {
  const { db, clock, vault } = deps;

  const stateOf = (need: Pick<Need, 'version'>, rows: readonly AssessmentRow[]): AssessmentState => {
    const [latest] = rows;
    const approved = rows.find(({ approvedAt }) => approvedAt !== null);
    if (approved !== undefined && approved.version === need.version)
      return approved.reviewAt.getTime() > clock.now() ? 'current' : waiting(latest, approved) ? 'waiting' : 'review_due';
    if (latest !== undefined && latest.approvedAt === null && latest.version === need.version) return 'waiting';
    return approved === undefined ? 'needed' : 'changed';
  };
  const waiting = (latest: AssessmentRow | undefined, approved: AssessmentRow): boolean =>
    latest !== undefined && latest.approvedAt === null && latest.version === approved.version;
  const opened = async (tx: Tx, tenant: TenantId, { id, sealed }: AssessmentRow): Promise<Pick<AssessmentView, 'content' | 'triggers'>> => {
    const plain = await vault.open(tx, { tenant, purpose: PURPOSE(id), sealed });
    return parseOwnJson(Buffer.from(plain).toString('utf8')) as unknown as Pick<AssessmentView, 'content' | 'triggers'>;
  };
  /** As above; what was approved before something else was found of the same version does not look at that. */
  async function standing(tx: Tx, tenant: TenantId, need: Pick<Need, 'version' | 'triggers'>, rows: readonly AssessmentRow[]) {
    const state = stateOf(need, rows);
    const approved = rows.find(({ approvedAt }) => approvedAt !== null);
    if (state !== 'current' || approved === undefined || looksAt((await opened(tx, tenant, approved)).triggers, need)) return state;
    return waiting(rows[0], approved) ? 'waiting' : 'changed';
  }
  const bare = (row: AssessmentRow | undefined): Omit<AssessmentRow, 'sealed'> | null => {
    if (row === undefined) return null;
    const { sealed: _, ...rest } = row;
    return rest;
  };

  /** What stands there now, with its needs told of in this transaction. */
  async function look(tx: Tx, tenant: TenantId, needs: readonly Need[]): Promise<readonly SubjectView[]> {
    const rows = Map.groupBy(await listAssessments(tx, tenant), ({ subject }) => subject);
    const first = await firstNeeded(tx, tenant);
    const views: SubjectView[] = [];
    for (const need of needs) {
      const own = rows.get(need.subject) ?? [];
      const approved = own.find(({ approvedAt }) => approvedAt !== null);
      const since = first.get(`${need.subject} ${need.version}`);
      views.push({
        ...need,
        state: await standing(tx, tenant, need, own),
        neededSinceMs: since?.getTime() ?? null,
        latest: bare(own[0]),
        approved: bare(approved),
      });
    }
    const missing = views.flatMap(({ subject, version, triggers, state, approved }): readonly NeedRow[] => {
      if (state === 'current' || state === 'waiting') return [];
      const why = state === 'needed' ? 'new' : state;
      const assessment = why === 'review_due' ? (approved?.id ?? '') : '';
      return [...new Set(triggers.map(({ trigger }) => trigger))].map((trigger) => ({ subject, version, trigger, why, assessment }));
    });
    const fresh = await addNeeds(tx, tenant, missing, new Date(clock.now()));
    if (fresh.length > 0)
      await appendEvents(
        tx,
        fresh.map(({ subject, version, trigger, why }) =>
          makeEvent(deps, {
            ...{ tenant, type: 'governance.assessment.needed', actor: ACTOR, subject },
            public: { ...namesOf(subject), version, trigger, why },
          }),
        ),
      );
    const since = clock.now();
    const told = new Set(fresh.map(({ subject }) => subject));
    return views.map((one) => (one.neededSinceMs === null && told.has(one.subject) ? { ...one, neededSinceMs: since } : one));
  }

  /** The need a record is about; a workflow may be assessed before it is published, and without one. */
  async function subjectOf(tenant: TenantId, subject: string, version: string | null): Promise<Need | null> {
    const facts = await deps.facts(tenant);
    const found = needsOf(deps.digest, facts).find((need) => need.subject === subject && (version === null || need.version === version));
    if (found !== undefined || !subject.startsWith('workflow:')) return found ?? null;
    const workflow = await deps.workflow(tenant, subject.slice('workflow:'.length), version);
    if (workflow === null) return null;
    const [need] = needsOf(deps.digest, { ...facts, workflows: [workflow] }).filter((one) => one.subject === subject);
    return need ?? { subject, version: workflow.hash, triggers: [] };
  }

  async function viewOf(tx: Tx, tenant: TenantId, row: AssessmentRow, now: Need | null): Promise<AssessmentView> {
    const { sealed: _, ...rest } = row;
    const { content, triggers } = await opened(tx, tenant, row);
    const approved = await findApproved(tx, tenant, row.subject);
    const isReplaced = approved !== null && approved.revision > row.revision;
    const state = isReplaced ? 'superseded' : await standing(tx, tenant, now ?? { ...row, triggers }, [row]);
    return { ...rest, state, content, triggers };
  }

  return {
    async list(tenant) {
      const needs = needsOf(deps.digest, await deps.facts(tenant));
      return db.inTenant(tenant, async (tx) => ({ blocking: await isBlocking(tx, tenant), subjects: await look(tx, tenant, needs) }));
    },

    async show(tenant, id) {
      const row = await db.inTenant(tenant, (tx) => findAssessment(tx, tenant, id));
      if (row === null) return refusal('GOVERNANCE_ASSESSMENT_UNKNOWN');
      const now = await subjectOf(tenant, row.subject, row.subject.startsWith('workflow:') ? row.version : null);
      return db.inTenant(tenant, (tx) => viewOf(tx, tenant, row, now));
    },

    async record(person, { subject, version, content, residualRisk, reviewAtMs }) {
      const { tenant } = person;
      const nowMs = clock.now();
      const reviewAt = reviewAtMs ?? nowMs + DEFAULT_REVIEW_MS;
      if (reviewAt <= nowMs || reviewAt - nowMs > MAX_REVIEW_MS) return refusal('GOVERNANCE_ASSESSMENT_REVIEW');
      const need = await subjectOf(tenant, subject, version);
      if (need === null) return refusal('GOVERNANCE_ASSESSMENT_SUBJECT');
      return db.inTenant(tenant, async (tx) => {
        const id = newId('asm', clock, deps.random);
        const plaintext = Buffer.from(JSON.stringify({ content, triggers: need.triggers }));
        const sealed = await vault.seal(tx, { tenant, subject: null, purpose: PURPOSE(id), plaintext });
        const times = { reviewAt: new Date(reviewAt), recordedAt: new Date(nowMs), recordedBy: person.person };
        const revision = await insertAssessment(tx, tenant, { id, subject, version: need.version, residualRisk, sealed, ...times });
        const facts = { assessment: id, ...namesOf(subject), version: need.version, revision };
        const told = { ...facts, residualRisk, reviewAt: new Date(reviewAt).toISOString() };
        await tell(tx, person, 'recorded', told, { before: null, after: { ...told, content: { ...content } } });
        return viewOf(tx, tenant, (await findAssessment(tx, tenant, id)) as AssessmentRow, need);
      });
    },

    async approve(person, id) {
      const { tenant } = person;
      const known = await db.inTenant(tenant, (tx) => findAssessment(tx, tenant, id));
      if (known === null) return refusal('GOVERNANCE_ASSESSMENT_UNKNOWN');
      const now = await subjectOf(tenant, known.subject, known.subject.startsWith('workflow:') ? known.version : null);
      if (now === null || now.version !== known.version) return refusal('GOVERNANCE_ASSESSMENT_CHANGED', { subject: known.subject });
      return db.inTenant(tenant, async (tx) => {
        const row = (await findAssessment(tx, tenant, id, 'hold')) as AssessmentRow;
        const newest = (await listAssessments(tx, tenant)).find(({ subject }) => subject === row.subject);
        if (row.approvedAt !== null || newest?.id !== id) return refusal('GOVERNANCE_ASSESSMENT_STATE');
        if (row.reviewAt.getTime() <= clock.now()) return refusal('GOVERNANCE_ASSESSMENT_REVIEW');
        const { content, triggers } = await opened(tx, tenant, row);
        if (!looksAt(triggers, now)) return refusal('GOVERNANCE_ASSESSMENT_CHANGED', { subject: row.subject });
        if (row.residualRisk === 'high' && content.priorConsultation.trim() === '') return refusal('GOVERNANCE_ASSESSMENT_CONSULT');
        const alone = row.recordedBy === person.person;
        if (alone && (await deps.hasOthers(tx, person))) return refusal('GOVERNANCE_ASSESSMENT_OWN');
        await approveAssessment(tx, tenant, { id, by: person.person, at: new Date(clock.now()), alone });
        const facts = { assessment: id, ...namesOf(row.subject), version: row.version, revision: row.revision, alone };
        await tell(tx, person, 'approved', facts, { before: { state: 'recorded' }, after: { state: 'approved', ...facts } });
        return viewOf(tx, tenant, (await findAssessment(tx, tenant, id)) as AssessmentRow, now);
      });
    },

    setBlocking: (person, blocking) =>
      db.inTenant(person.tenant, async (tx) => {
        const before = await isBlocking(tx, person.tenant);
        await setBlocking(tx, person.tenant, { blocking, at: new Date(clock.now()), by: person.person });
        await tell(tx, person, 'blocking_changed', { blocking }, { before: { blocking: before }, after: { blocking } });
      }),

    watch: (tenants) =>
      eachTenant(tenants, async (tenant) => {
        const needs = needsOf(deps.digest, await deps.facts(tenant));
        if (needs.length > 0) await db.inTenant(tenant, (tx) => look(tx, tenant, needs));
      }),

    async publishGate(tenant, workflow) {
      const subject = `workflow:${workflow.name}`;
      const facts = await deps.facts(tenant);
      const [need] = needsOf(deps.digest, { ...facts, workflows: [workflow] }).filter((one) => one.subject === subject);
      return async (tx) => {
        if (need === undefined || !(await isBlocking(tx, tenant))) return null;
        const approved = await findApproved(tx, tenant, subject);
        const state = await standing(tx, tenant, need, approved === null ? [] : [approved]);
        if (state === 'current') return null;
        const triggers = [...new Set(need.triggers.map(({ trigger }) => trigger))];
        return refusal('GOVERNANCE_ASSESSMENT_MISSING', { workflow: workflow.name, hash: workflow.hash, state, triggers });
      };
    },
  };

  async function tell(
    tx: Tx,
    person: PersonPrincipal,
    type: string,
    facts: JsonObject,
    change: { readonly before: JsonValue; readonly after: JsonValue },
  ): Promise<void> {
    const sealed = await deps.sealChange(tx, person, change);
    const subject = typeof facts.kind === 'string' ? `${facts.kind}:${String(facts.name)}` : 'assessments:tenant';
    const event = { tenant: person.tenant, type: `governance.assessment.${type}`, actor: person.person, subject, public: facts, sealed };
    await appendEvents(tx, [makeEvent(deps, event)]);
  }
}

/** Whether what was found when it was recorded is all there is. */
const looksAt = (triggers: readonly Trigger[], need: Pick<Need, 'triggers'>): boolean =>
  need.triggers.every(({ trigger }) => triggers.some((one) => one.trigger === trigger));

/** `flow:help-desk` as the kind and the name of an event. */
function namesOf(subject: string): { readonly kind: string; readonly name: string } {
  const at = subject.indexOf(':');
  return { kind: subject.slice(0, at), name: subject.slice(at + 1) };
}
