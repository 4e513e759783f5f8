// Departments: what belongs to which, known in every process without a question to the database.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_RULES, type TenantId } from '#core';
import type { GrantRecord } from '../store/grants.ts';
import { newName, nodeRandom, type OpenedIdentity, openIdentity, outcome, until } from '../test/opened-identity.ts';
import { type Directory, openDirectory } from './directory.ts';
import { createWorkspaces, type Workspaces } from './workspaces.ts';

let given: OpenedIdentity;
let here: Directory;
let there: Directory;
let workspaces: Workspaces;
let tenant: TenantId;

const by = () => ({ tenant, actor: 'installation', mayFree: true });
const put = (workspace: string | null, ...members: readonly (readonly ['workflow' | 'integration' | 'workload', string])[]) =>
  workspaces.moveIntoWorkspace({ ...by(), workspace, members: members.map(([kind, member]) => ({ kind, member })) });

beforeAll(async () => {
  given = await openIdentity();
  here = await openDirectory({ db: given.database.db, clock: given.clock });
  there = await openDirectory({ db: (await given.another()).db, clock: given.clock });
  workspaces = createWorkspaces({ db: given.database.db, clock: given.clock, random: nodeRandom, directory: here });
  tenant = await given.identity.createTenant({ name: newName() });
  for (const name of ['marketing', 'finance']) expect(await workspaces.createWorkspace({ ...by(), name })).toBeNull();
});
afterAll(async () => {
  await here.close();
  await there.close();
  await given.close();
});

describe('a workspace', () => {
  it('has a name of its own', async () => {
    expect(outcome((await workspaces.createWorkspace({ ...by(), name: 'finance' })) as object)).toBe('IDENTITY_NAME_TAKEN');
    await expect(workspaces.createWorkspace({ ...by(), name: 'Finance Team' })).rejects.toMatchObject({ code: 'IDENTITY_INPUT_INVALID' });
    await expect(workspaces.createWorkspace({ ...by(), name: '5550100199' })).rejects.toMatchObject({ code: 'IDENTITY_INPUT_INVALID' });
  });

  it('holds what was put into it, in every process, and a thing is in one at most', async () => {
    expect(await put('marketing', ['workflow', 'campaign'], ['integration', 'mailer'])).toBe(2);
    await until(() => there.workspacesOf(tenant, { workflow: 'campaign' })[0] === 'marketing');
    expect(await put('finance', ['integration', 'mailer'])).toBe(1);
    await until(() => there.workspacesOf(tenant, { integration: 'mailer' })[0] === 'finance');
    expect(there.membersOf(tenant, 'integration', 'marketing')).toEqual([]);
    // What it is already, is no change.
    expect(await put('finance', ['integration', 'mailer'])).toBe(0);
  });

  it('is that of the workflow where a call names both', () => {
    expect(here.workspacesOf(tenant, { workflow: 'campaign', integration: 'mailer' })).toEqual(['marketing']);
    expect(here.workspacesOf(tenant, { workflow: 'elsewhere', integration: 'mailer' })).toEqual([]);
    expect(here.workspacesOf(tenant, { integration: 'mailer' })).toEqual(['finance']);
    expect(here.workspacesOf(tenant, {})).toEqual([]);
  });

  it('of another tenant with the same names is another one', async () => {
    const other = await given.identity.createTenant({ name: newName() });
    await here.refresh(other);
    expect(here.workspacesOf(other, { workflow: 'campaign' })).toEqual([]);
    const theirs = await workspaces.moveIntoWorkspace({
      tenant: other,
      actor: 'installation',
      mayFree: true,
      workspace: 'finance',
      members: [{ kind: 'workflow', member: 'campaign' }],
    });
    expect(outcome(theirs as object)).toBe('IDENTITY_WORKSPACE_UNKNOWN');
  });

  it('is not removed while access is narrowed to it, so that a later one of the name inherits none', async () => {
    const [owner] = await given.identity.listPeople(tenant);
    const granted = await given.identity.grant({
      ...by(),
      subject: owner?.id ?? '',
      role: 'marketer',
      scope: { workspace: 'marketing' },
      reason: 'campaigns',
    });
    expect(outcome(granted)).toBe('in');
    const remove = async () => outcome((await workspaces.removeWorkspace({ ...by(), name: 'marketing' })) ?? {});
    expect(await remove()).toBe('IDENTITY_WORKSPACE_IN_USE');
    await given.identity.endGrant({ ...by(), grant: (granted as GrantRecord).id });
    expect(await remove()).toBe('in');
    expect(await remove()).toBe('IDENTITY_WORKSPACE_UNKNOWN');
    await until(() => there.workspacesOf(tenant, { workflow: 'campaign' }).length === 0);
  });

  it('may use and spend what is said, in every process, and only whoever says so takes anything out of it', async () => {
    const rules = { ...NO_RULES, models: ['small'] };
    expect(await workspaces.createWorkspace({ ...by(), name: 'sales' })).toBeNull();
    const limits = [{ what: 'money', per: 'month', most: 500n, currency: 'EUR' }] as const;
    expect(await put('finance', ['workflow', 'payroll'], ['integration', 'bank'])).toBe(2);
    expect(await workspaces.ruleWorkspace({ ...by(), name: 'finance', rules, limits })).toEqual({ name: 'finance', rules, limits });
    await until(() => there.departmentsOf(tenant, { workflow: 'payroll' })?.[0]?.limits.length === 1);
    const finance = { name: 'finance', rules, limits };
    expect(there.departmentsOf(tenant, { workflow: 'payroll', workload: 'wkl_1', integration: 'bank' })).toEqual([finance]);
    expect(there.departmentsOf(tenant, { workload: 'wkl_1', integration: 'bank' })).toEqual([finance]);
    expect(
      there.departmentsOf(tenant, { workflow: 'elsewhere', workload: 'wkl_1', integration: 'mailer' })?.map(({ name }) => name),
    ).toEqual(['finance']);
    expect(there.departmentsOf(tenant, { workload: 'wkl_1' })).toEqual([]);
    const held = { tenant, actor: 'installation', mayFree: false };
    const freeing = [
      await workspaces.removeWorkspace({ ...held, name: 'finance' }),
      await workspaces.moveIntoWorkspace({ ...held, workspace: null, members: [{ kind: 'workflow', member: 'payroll' }] }),
      await workspaces.moveIntoWorkspace({ ...held, workspace: 'sales', members: [{ kind: 'integration', member: 'bank' }] }),
    ];
    expect(freeing.map((one) => outcome(one as object))).toEqual(Array(3).fill('IDENTITY_WORKSPACE_RULED'));
    // Into it, by anybody who may move; what is not said is not changed.
    expect(await workspaces.moveIntoWorkspace({ ...held, workspace: 'finance', members: [{ kind: 'workflow', member: 'books' }] })).toBe(1);
    expect(await workspaces.ruleWorkspace({ ...by(), name: 'finance', limits: [] })).toMatchObject({ rules });
    expect(await workspaces.ruleWorkspace({ ...by(), name: 'finance', rules: NO_RULES })).toMatchObject({ limits: [] });
    expect(await put(null, ['workflow', 'payroll'], ['workflow', 'books'], ['integration', 'bank'])).toBe(3);
    expect(outcome((await workspaces.ruleWorkspace({ ...by(), name: 'nowhere', rules })) as object)).toBe('IDENTITY_WORKSPACE_UNKNOWN');
  });

  it('leaves every change in the log', async () => {
    const rows = await given.database.admin<{ type: string; subject: string }>(
      `select type, subject from event_inbox where tenant = $1 and type like 'identity.workspace.%' order by sequence`,
      [tenant],
    );
    expect(rows.map(({ type, subject }) => `${type.replace('identity.workspace.', '')} ${subject}`)).toEqual([
      'created workspace:marketing',
      'created workspace:finance',
      'joined workspace:marketing',
      'joined workspace:finance',
      'removed workspace:marketing',
      'created workspace:sales',
      'joined workspace:finance',
      'ruled workspace:finance',
      'limited workspace:finance',
      'joined workspace:finance',
      'limited workspace:finance',
      'ruled workspace:finance',
      'left workspace:finance',
    ]);
  });
});
