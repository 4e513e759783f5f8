// Events as OCSF, for a SIEM: one JSON object a line. What OCSF has no place for stands under `unmapped`; a network address is nowhere,
// because none is in the log.

import type { JsonObject, JsonValue } from '#core';
import type { Decision } from '../query/query-facts.ts';
import type { ListedLeaf } from './listed-leaf.ts';
import { ACCOUNT_CHANGE, API_ACTIVITY, AUTHENTICATION, type Mapped, mapType, OCSF_VERSION } from './ocsf-classes.ts';

const SEVERITY: Readonly<Record<Decision | 'none', readonly [number, string]>> = {
  none: [1, 'Informational'],
  allow: [1, 'Informational'],
  approval: [1, 'Informational'],
  deny: [2, 'Low'],
  fault: [3, 'Medium'],
};
const STATUS: Readonly<Record<Decision | 'none', readonly [number, string]>> = {
  none: [1, 'Success'],
  allow: [1, 'Success'],
  approval: [99, 'Approval requested'],
  deny: [2, 'Failure'],
  fault: [2, 'Failure'],
};
/** A caller that went away is no decision of ours and no success either. */
const ABORTED = 'enforcement.call.aborted';

const USER_TYPES = { unknown: [0, 'Unknown'], person: [1, 'User'], system: [3, 'System'], workload: [4, 'Service'] } as const;

const textOf = (value: JsonValue | undefined): string | null => (typeof value === 'string' ? value : null);

function userOf(reference: string, name: string | null): JsonObject {
  const of = name ?? reference;
  const kind = /^(person:)?per_/.test(of) ? 'person' : /^(workload:)?wkl_/.test(of) ? 'workload' : name === null ? 'unknown' : 'system';
  const [typeId, type] = USER_TYPES[kind];
  return { uid: reference, ...(name === null ? {} : { name }), type_id: typeId, type };
}

/** What the class asks for besides what every event has. */
function bodyOf({ class: of }: Mapped, event: ListedLeaf, facts: JsonObject): JsonObject {
  const { entry, by } = event;
  const pseudonym = textOf(entry.actor) ?? '';
  const subject = textOf(entry.subject) ?? '';
  const type = textOf(entry.type) ?? '';
  const actor = { user: userOf(pseudonym, by) };
  if (of === AUTHENTICATION) return { actor, user: userOf(pseudonym, by), service: { name: 'Sallyport' } };
  if (of === ACCOUNT_CHANGE) return { actor, user: userOf(subject, null) };
  if (of === API_ACTIVITY) {
    const integration = textOf(facts.integration);
    return {
      actor,
      src_endpoint: { svc_name: by ?? pseudonym },
      ...(integration === null ? {} : { dst_endpoint: { svc_name: integration } }),
      api: {
        operation: textOf(facts.operation) ?? type.split('.').slice(1).join('.'),
        ...(integration === null ? {} : { service: { name: integration } }),
      },
      resources: [{ uid: subject, type: subject.split(/[_:]/, 1)[0] ?? '' }],
    };
  }
  return { actor, entity: { uid: subject, type: type.split('.')[1] ?? '' } };
}

export function ocsfObject(event: ListedLeaf): JsonObject {
  const { seq, entry, leafHash, privileged, decision } = event;
  const facts = (entry.public ?? {}) as JsonObject;
  const type = textOf(entry.type) ?? '';
  const at = textOf(entry.at) ?? '';
  const mapped = mapType(type, facts);
  const { class: of, activity } = mapped;
  const [severityId, severity] = SEVERITY[decision ?? 'none'];
  const [statusId, status] = type === ABORTED ? ([2, 'Failure'] as const) : STATUS[decision ?? 'none'];
  const activityName = of.activities[activity] ?? 'Other';
  const code = textOf(facts.code);
  return {
    category_uid: of.category,
    category_name: of.categoryName,
    class_uid: of.uid,
    class_name: of.name,
    activity_id: activity,
    activity_name: activity === 99 ? type.slice(type.lastIndexOf('.') + 1) : activityName,
    type_uid: of.uid * 100 + activity,
    type_name: `${of.name}: ${activityName}`,
    time: Date.parse(at),
    severity_id: severityId,
    severity,
    status_id: statusId,
    status,
    ...(code === null ? {} : { status_code: code }),
    message: type,
    ...bodyOf(mapped, event, facts),
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Sallyport', vendor_name: 'Sallyport' },
      uid: textOf(entry.id) ?? '',
      event_code: type,
      original_time: at,
      sequence: seq,
      tenant_uid: textOf(entry.tenant) ?? '',
      log_name: 'audit',
      correlation_uid: textOf(facts.run) ?? textOf(entry.subject) ?? '',
    },
    unmapped: {
      leaf_hash: leafHash.toString('base64'),
      commit: entry.commit ?? null,
      privileged,
      decision,
      public: facts,
    },
  };
}

export const ocsfEvent = (event: ListedLeaf): string => `${JSON.stringify(ocsfObject(event))}\n`;
