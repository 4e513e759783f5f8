// What a person is shown before deciding about a version, and the trail of earlier decisions: computed from the stored files, the key and
// the ledger each time it is asked for.

import type {
  ControlPorts,
  WorkflowFacts,
  WorkflowOperation,
  WorkflowReview,
  WorkflowSignature,
  WorkflowSummary,
  WorkflowTrail,
} from '#control';
import { formatMoney, formatTime, isObject, isRefusal, type Money, type PersonPrincipal, type Refusal, type TenantId } from '#core';
import { comparePermissions, describeVersion, type Registry, type VersionFacts } from '#workflows';
import type { Rooms } from './rooms.ts';
import type { Workflows } from './workflows.ts';

type Details = Exclude<Awaited<ReturnType<Registry['show']>>, { kind: 'deny' }>;

/** More changes than anybody reads; older ones are in the audit log. */
const MAX_TRAIL = 100;
const AT_ONCE = 8;
const FOUR_EYES = 'WORKFLOWS_FOUR_EYES';
const TRAIL = ['workflows.version.', 'workflows.workflow.'];

export interface WorkflowReviews extends Pick<ControlPorts['workflows'], 'summaries' | 'trail'> {
  /** `against`: a version to compare with, or `null` for the published one when another is shown. */
  review(person: PersonPrincipal, details: Details, against: string | null): Promise<WorkflowReview>;
}

export function workflowReviews({ registry, keyId }: Pick<Workflows, 'registry' | 'keyId'>, rooms: Rooms): WorkflowReviews {
  const peopleOf = async (tenant: TenantId, ids: readonly (string | null)[]): Promise<Readonly<Record<string, string>>> => {
    const named = (await rooms.identity.listPeople(tenant)).filter(({ id, name }) => name !== null && ids.includes(id));
    return Object.fromEntries(named.map(({ id, name }) => [id, name as string]));
  };
  /** The registry decides again; this says it before anybody tries. */
  const approveRefusal = async ({ tenant, person }: PersonPrincipal, details: Details): Promise<string | null> => {
    const { state, approval, importedBy, isSample } = details;
    const isOpen = state === 'draft' || (state !== 'published' && approval.state !== 'valid');
    if (!isOpen || importedBy !== person || isSample) return null;
    const people = (await rooms.identity.listPeople(tenant)).filter(({ removedAt }) => removedAt === null);
    return people.length > 1 ? FOUR_EYES : null;
  };
  const signatureOf = (details: Details): WorkflowSignature => ({
    state: details.approval.state,
    algorithm: 'Ed25519',
    keyId,
    intact: details.definition !== null,
    passkey: passkeyOf(details),
  });
  const passkeyOf = ({ approval, approvedBy }: Details): WorkflowSignature['passkey'] =>
    approval.passkey === null || approvedBy === null
      ? null
      : { thumbprint: approval.passkey, by: approvedBy, removed: approval.isPasskeyRemoved };
  const described = (details: Details): VersionFacts | null => (details.definition === null ? null : describeVersion(details.files));
  const withOperations = (tenant: TenantId, facts: VersionFacts): WorkflowFacts => {
    const names = facts.permissions.filter(({ area }) => area === 'operation').map(({ name }) => name);
    return { ...facts, operations: names.map((name) => operationOf(rooms, tenant, name)) };
  };

  return {
    async review(person, details, against) {
      const { tenant } = person;
      const versions = (await registry.list(tenant)).filter(({ name }) => name === details.name);
      const published = versions.find(({ state }) => state === 'published')?.hash ?? null;
      const base = against ?? published;
      const other = base === null || base === details.hash ? null : await registry.show(tenant, details.name, base);
      const facts = described(details);
      const before = other === null || isRefusal(other) ? null : describeVersion(other.files);
      return {
        versions: versions.map((version) => ({
          hash: version.hash,
          state: version.state,
          importedAt: formatTime(version.importedAtMs),
          importedBy: version.importedBy,
          approvedAt: version.approvedAtMs === null ? null : formatTime(version.approvedAtMs),
          approvedBy: version.approvedBy,
          solo: version.isSolo,
          passkey: version.endorsed?.passkey ?? null,
        })),
        signature: signatureOf(details),
        facts: facts === null ? null : withOperations(tenant, facts),
        compared:
          before === null || facts === null || base === null
            ? null
            : { hash: base, changes: comparePermissions(before.permissions, facts.permissions) },
        approveRefusal: await approveRefusal(person, details),
        people: await peopleOf(
          tenant,
          versions.flatMap(({ importedBy, approvedBy }) => [importedBy, approvedBy]),
        ),
      };
    },

    async summaries(tenant, isSeen) {
      const versions = (await registry.list(tenant)).filter(isSeen);
      const names = [...new Set(versions.map(({ name }) => name))];
      const shown: (Details | Refusal)[] = [];
      // Each is read in a transaction of its own: a thousand at once would find no connection.
      for (let at = 0; at < names.length; at += AT_ONCE)
        shown.push(...(await Promise.all(names.slice(at, at + AT_ONCE).map((name) => registry.show(tenant, name, null)))));
      return shown.flatMap((details): WorkflowSummary[] => {
        if (isRefusal(details)) return [];
        const own = versions.filter(({ name }) => name === details.name);
        const counts: Record<string, number> = {};
        for (const { state } of own) counts[state] = (counts[state] ?? 0) + 1;
        return [
          {
            name: details.name,
            owner: details.definition?.owner ?? null,
            purpose: details.definition?.purpose ?? null,
            paused: details.isPaused,
            sample: details.isSample,
            published: own.find(({ state }) => state === 'published')?.hash ?? null,
            signature: signatureOf(details),
            trigger: described(details)?.trigger ?? null,
            versions: counts,
          },
        ];
      });
    },

    async trail(tenant, name): Promise<WorkflowTrail> {
      const listed = await rooms.ledger.list(tenant, { subject: `workflow:${name}`, limit: MAX_TRAIL });
      const told = listed.filter(({ entry }) => TRAIL.some((prefix) => String(entry.type).startsWith(prefix)));
      const actors = await rooms.ledger.actorsBehind(tenant, [...new Set(told.map(({ entry }) => String(entry.actor)))]);
      const entries = told.map(({ seq, entry }) => {
        const facts = isObject(entry.public) ? entry.public : {};
        return {
          seq,
          at: String(entry.at),
          type: String(entry.type),
          hash: typeof facts.hash === 'string' ? facts.hash : null,
          by: actors.get(String(entry.actor)) ?? null,
          solo: typeof facts.solo === 'boolean' ? facts.solo : null,
          passkey: typeof facts.passkey === 'string' ? facts.passkey : null,
        };
      });
      const people = await peopleOf(
        tenant,
        entries.map(({ by }) => by),
      );
      return { entries, more: listed.length === MAX_TRAIL, people };
    },
  };
}

function operationOf(rooms: Rooms, tenant: TenantId, name: string): WorkflowOperation {
  const at = name.indexOf('/');
  const integration = rooms.catalogue.integration(tenant, name.slice(0, at));
  const operation = integration?.manifest?.operations.find((one) => one.name === name.slice(at + 1));
  const autonomy = integration?.autonomy.get(name.slice(at + 1));
  const money = (amount: Money | null | undefined): string | null => (amount === null || amount === undefined ? null : formatMoney(amount));
  return {
    name,
    effect: operation?.effect ?? null,
    needsReview: operation?.needsReview === true,
    limits:
      autonomy === undefined
        ? null
        : {
            perCall: money(autonomy.perCall),
            perCustomerDay: money(autonomy.perCustomerDay),
            perDay: money(autonomy.perDay),
            timesPerCustomerDay: autonomy.timesPerCustomerDay,
            fourEyesAbove: money(autonomy.fourEyesAbove),
          },
  };
}
