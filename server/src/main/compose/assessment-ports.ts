// Assessments and automated decisions for the control plane: with names, the duties and their dates, and the notice made of what there is.

import type { AssessmentPorts } from '#control';
import { type DataClass, formatTime, isRefusal, type JsonObject, refuse, type TenantId } from '#core';
import { type AssessmentView, admtDuty, type DecisionView, dutiesAt, noticeHtml, noticeOf, type SubjectView } from '#governance';
import type { Accountability } from './accountability.ts';
import { namesOf } from './people-ports.ts';
import type { Rooms } from './rooms.ts';
import type { Workflows } from './workflows.ts';

type NameOf = (person: string) => string | null;

export function assessmentPorts(
  rooms: Rooms,
  { assessments, decisions, clock }: Accountability,
  workflows: Pick<Workflows, 'registry'>,
): AssessmentPorts {
  const { flows } = rooms;
  const shown = async (tenant: TenantId, view: AssessmentView): Promise<JsonObject> => {
    const nameOf = await namesOf(rooms, tenant);
    const { content, triggers, state, ...row } = view;
    return { ...rowOf(row, nameOf), state, content, triggers } as unknown as JsonObject;
  };

  return {
    assessments: {
      list: async (tenant) => {
        const { blocking, subjects } = await assessments.list(tenant);
        const nameOf = await namesOf(rooms, tenant);
        return {
          blocking,
          subjects: subjects.map((one) => subjectOf(one, nameOf)),
          duties: dutiesAt(clock.now()),
        } as unknown as JsonObject;
      },
      show: async (tenant, id) => {
        const view = await assessments.show(tenant, id);
        return isRefusal(view) ? view : shown(tenant, view);
      },
      record: async (person, input) => {
        const view = await assessments.record(person, input);
        return isRefusal(view) ? view : shown(person.tenant, view);
      },
      approve: async (person, id) => {
        const view = await assessments.approve(person, id);
        return isRefusal(view) ? view : shown(person.tenant, view);
      },
      setBlocking: assessments.setBlocking,
    },
    decisions: {
      list: async (tenant) => ({ decisions: decisions.list(tenant).map(decisionOf), duty: admtDuty(clock.now()) }) as unknown as JsonObject,
      declare: async (person, input) => {
        const done = await decisions.declare(person, input);
        return isRefusal(done) ? done : (decisionOf(done) as unknown as JsonObject);
      },
      withdraw: (person, kind, name) => decisions.withdraw(person, kind, name),
      notice: async (tenant, kind, name) => {
        const decision = decisions.list(tenant).find((one) => one.kind === kind && one.name === name);
        if (decision === undefined) return refuse('GOVERNANCE_DECISION_UNKNOWN', 'No automated decision of that name is declared.', {});
        const { controller, contact } = flows.profile(tenant);
        const made = noticeOf({ decision, controller: { name: controller, contact }, ...(await usedBy(tenant, decision)) });
        const notice = { ...made, duty: admtDuty(clock.now()) } as unknown as JsonObject;
        return { ...notice, html: noticeHtml(notice) };
      },
    },
  };

  /** What the workflow or operation works with, by its signed definition and by what was counted. */
  async function usedBy(tenant: TenantId, { kind, name }: DecisionView) {
    const counted = await flows.list(tenant);
    if (kind === 'operation') {
      const at = name.indexOf('.');
      const [integration, operation] = [name.slice(0, at), name.slice(at + 1)];
      const rows = counted.filter((row) => row.destination === integration && row.operation === operation);
      return { workflowPurpose: null, models: [], integrations: [integration], classes: classesOf(rows) };
    }
    const found = await workflows.registry.show(tenant, name, null);
    const definition = isRefusal(found) ? null : found.definition;
    return {
      workflowPurpose: definition?.purpose ?? null,
      models: [...(definition?.models.keys() ?? [])],
      integrations: [...(definition?.operations.keys() ?? [])],
      classes: classesOf(counted.filter((row) => row.workflow === name)),
    };
  }
}

const classesOf = (rows: readonly { readonly dataClass: DataClass }[]): readonly DataClass[] => [
  ...new Set(rows.map(({ dataClass }) => dataClass)),
];

type Row = NonNullable<SubjectView['latest']>;

function rowOf({ reviewAt, recordedAt, recordedBy, approvedAt, approvedBy, ...row }: Row, nameOf: NameOf) {
  return {
    ...row,
    ...{
      reviewAt: formatTime(reviewAt.getTime()),
      recordedAt: formatTime(recordedAt.getTime()),
      recordedBy,
      recordedByName: nameOf(recordedBy),
    },
    ...{ approvedAt: approvedAt === null ? null : formatTime(approvedAt.getTime()), approvedBy },
    approvedByName: approvedBy === null ? null : nameOf(approvedBy),
  };
}

function subjectOf({ neededSinceMs, latest, approved, ...one }: SubjectView, nameOf: NameOf) {
  return {
    ...one,
    neededSince: neededSinceMs === null ? null : formatTime(neededSinceMs),
    latest: latest === null ? null : rowOf(latest, nameOf),
    approved: approved === null ? null : rowOf(approved, nameOf),
  };
}

const decisionOf = ({ declaredAtMs, ...one }: DecisionView) => ({
  ...one,
  declaredAt: declaredAtMs === null ? null : formatTime(declaredAtMs),
});
