// Lists of events in every format: what a spreadsheet must not take for a formula, and what OCSF asks of each class.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#core';
import { decisionOf } from '../query/query-facts.ts';
import { CSV_COLUMNS, csvEvent, csvField, csvHeader } from './csv.ts';
import { LISTINGS } from './index.ts';
import type { ListedLeaf } from './listed-leaf.ts';
import { ocsfObject } from './ocsf.ts';

function listed(type: string, facts: JsonObject = {}, over: Partial<ListedLeaf> & { subject?: string } = {}): ListedLeaf {
  const { subject = 'call_01a205c8-19eb-73bf-a02e-d0be795e3bb0', ...rest } = over;
  const entry = {
    actor: 'act_00112233445566778899aabbccddeeff',
    at: '2026-11-03T10:00:00.123Z',
    commit: null,
    id: 'evt_01a205c8-19eb-73bf-a02e-d0be795e3bb0',
    public: facts,
    seq: 7,
    subject,
    tenant: 'ten_01a205c8-19eb-73bf-a02e-d0be795e3bb0',
    type,
    v: 1,
  };
  const decision = decisionOf(type, facts);
  return { seq: 7, leaf: JSON.stringify(entry), leafHash: Buffer.alloc(32, 1), entry, by: null, privileged: false, decision, ...rest };
}

describe('a field of CSV', () => {
  it.each([
    ['plain', 'plain'],
    ['with, comma', '"with, comma"'],
    ['with "quotes"', '"with ""quotes"""'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['=1+1', `"'=1+1"`],
    ['+49 555 0100', `"'+49 555 0100"`],
    ['-2', `"'-2"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\t=1', `"'\t=1"`],
    ['=HYPERLINK("https://example.com")', `"'=HYPERLINK(""https://example.com"")"`],
    ['', ''],
  ])('%j is written as %j', (value, written) => {
    expect(csvField(value)).toBe(written);
  });

  it('stands under its column, in a row of as many as the header has', () => {
    const row = csvEvent(listed('enforcement.call.refused', { code: 'POLICY_NO_RULE', run: 'run_1' }, { by: 'wkl_1' }));
    expect(csvHeader()).toBe(`${CSV_COLUMNS.join(',')}\r\n`);
    const cells = row.trim().split(',');
    expect(cells.slice(0, 11)).toEqual([
      '7',
      '2026-11-03T10:00:00.123Z',
      'enforcement.call.refused',
      'act_00112233445566778899aabbccddeeff',
      'wkl_1',
      'call_01a205c8-19eb-73bf-a02e-d0be795e3bb0',
      'no',
      'deny',
      'POLICY_NO_RULE',
      '',
      'run_1',
    ]);
  });
});

/** Required attributes and "at least one" constraints of OCSF 1.6.0, as the schema states them. */
const BASE = ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid'];
const CLASSES: Readonly<
  Record<number, { category: number; required: readonly string[]; oneOf: readonly string[]; activities: readonly number[] }>
> = {
  3001: { category: 3, required: ['user'], oneOf: [], activities: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 99] },
  3002: { category: 3, required: ['user'], oneOf: ['service', 'dst_endpoint'], activities: [0, 1, 2, 3, 4, 5, 6, 7, 99] },
  3004: { category: 3, required: ['entity'], oneOf: [], activities: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 99] },
  6003: { category: 6, required: ['actor', 'api', 'src_endpoint'], oneOf: [], activities: [0, 1, 2, 3, 4, 99] },
};
const OBJECTS: Readonly<Record<string, { required?: readonly string[]; oneOf?: readonly string[] }>> = {
  metadata: { required: ['product', 'version'] },
  product: { oneOf: ['name', 'uid'] },
  actor: { oneOf: ['process', 'user', 'invoked_by', 'session', 'app_name', 'app_uid'] },
  user: { oneOf: ['account', 'name', 'uid'] },
  entity: { oneOf: ['name', 'uid', 'device', 'group', 'org', 'policy', 'user'] },
  service: { oneOf: ['name', 'uid'] },
  api: { required: ['operation'] },
  src_endpoint: { oneOf: ['ip', 'uid', 'name', 'hostname', 'svc_name', 'instance_uid'] },
  dst_endpoint: { oneOf: ['ip', 'uid', 'name', 'hostname', 'svc_name', 'instance_uid'] },
};

function faultsOf(event: JsonObject): string[] {
  const faults: string[] = [];
  const of = CLASSES[event.class_uid as number];
  if (of === undefined) return ['class'];
  for (const name of [...BASE, ...of.required]) if (event[name] === undefined) faults.push(name);
  if (of.oneOf.length > 0 && !of.oneOf.some((name) => event[name] !== undefined)) faults.push(of.oneOf.join('|'));
  if (event.category_uid !== of.category) faults.push('category_uid');
  if (!of.activities.includes(event.activity_id as number)) faults.push('activity_id');
  if (event.type_uid !== (event.class_uid as number) * 100 + (event.activity_id as number)) faults.push('type_uid');
  if (!Number.isInteger(event.time)) faults.push('time');
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    for (const [name, item] of Object.entries(value)) {
      const rule = name === 'public' ? undefined : OBJECTS[name];
      if (rule !== undefined && typeof item === 'object' && item !== null) {
        for (const member of rule.required ?? []) if (!(member in item)) faults.push(`${name}.${member}`);
        if (rule.oneOf !== undefined && !rule.oneOf.some((member) => (item as JsonObject)[member] !== undefined)) faults.push(name);
      }
      if (name !== 'unmapped') look(item);
    }
  };
  look(event);
  return faults;
}

describe('an event as OCSF', () => {
  it.each([
    ['enforcement.call.intended', { integration: 'shop', operation: 'refunds.create', effect: 'money' }, 6003, 1, 1],
    ['enforcement.call.completed', { integration: 'openai', operation: 'chat', effect: 'model' }, 6003, 99, 1],
    ['enforcement.call.refused', { integration: 'shop', code: 'POLICY_NO_RULE', effect: 'read' }, 6003, 2, 2],
    ['enforcement.call.refused', { integration: 'shop', code: 'ENDORSEMENT_REQUIRED', effect: 'money' }, 6003, 1, 99],
    ['enforcement.call.aborted', { integration: 'shop' }, 6003, 0, 2],
    ['enforcement.effect.resolved', { outcome: 'done', integration: 'shop', operation: 'refunds.create' }, 6003, 0, 1],
    ['identity.session.opened', {}, 3002, 1, 1],
    ['identity.session.closed', {}, 3002, 2, 1],
    ['identity.person.added', { role: 'approver' }, 3001, 1, 1],
    ['identity.person.removed', {}, 3001, 6, 1],
    ['identity.workload.changed', {}, 3001, 99, 1],
    ['identity.key.revoked', {}, 3004, 9, 1],
    ['approvals.call.denied', {}, 3004, 99, 2],
    ['workflows.workflow.paused', {}, 3004, 12, 1],
    ['audit.log.read', { filter: [] }, 3004, 2, 1],
    ['a.type.nobody_mapped', {}, 3004, 99, 1],
  ])('%s %j has every required attribute of its class', (type, facts, classUid, activity, status) => {
    for (const by of [null, 'per_01a205c8', 'wkl_01a205c8', 'system:executor']) {
      const event = ocsfObject(listed(type, facts, { by }));
      expect([type, faultsOf(event)]).toEqual([type, []]);
      expect([event.class_uid, event.activity_id, event.status_id]).toEqual([classUid, activity, status]);
    }
  });

  it('keeps what OCSF has no place for, and the hash that a pack proves', () => {
    const event = ocsfObject(listed('approvals.call.denied', { reason: true }));
    expect(event.unmapped).toMatchObject({ public: { reason: true }, leaf_hash: Buffer.alloc(32, 1).toString('base64'), decision: 'deny' });
    expect(event.metadata).toMatchObject({ version: '1.6.0', sequence: 7, event_code: 'approvals.call.denied' });
  });
});

describe('every format', () => {
  it.each(Object.keys(LISTINGS))('%s writes one line for an event', (format) => {
    const line = LISTINGS[format as keyof typeof LISTINGS].line(listed('approvals.call.denied', { note: 'a b' }));
    expect(line.match(/\n/g)).toHaveLength(1);
    expect(line.endsWith('\n')).toBe(true);
  });
});
