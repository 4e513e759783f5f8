// Insiders who want more rights than they have: for themselves, through an accomplice, through another's sign-in, or those they had before.

import { objectOf, rowsOf } from '../trial.ts';
import type { Scenario } from '../types.ts';

const FORBIDDEN = ['CONTROL_ROLE_FORBIDDEN'];
const reason = 'insider test';

export const selfGrant: Scenario = {
  name: 'self-grant',
  title: 'Gives rights to themselves',
  async run({ owner, insider, refused, alerted, after, mark }) {
    const admin = await insider('an admin', 'admin');
    const grant = (role: string) => admin.ask('POST', '/api/access/grants', { subject: admin.id, role, reason });
    await refused('an admin makes themselves an operator', admin, grant('operator'), ['IDENTITY_GRANT_CONFLICT']);
    await refused('an admin makes themselves an owner', admin, grant('owner'), ['IDENTITY_GRANT_OWNER_ONLY']);
    await alerted('an admin makes themselves an auditor', admin, grant('auditor'), 'self_grant');
    const role = `insider_${mark}`;
    const both = { meaning: 'Both at once.', actions: ['access.grant', 'approvals.decide'] };
    const made = admin.ask('PUT', `/api/access/roles/${role}`, both);
    await refused('an admin makes a role that gives and decides', admin, made, ['IDENTITY_GRANT_CONFLICT']);
    after(() => owner.ask('DELETE', `/api/access/roles/${role}`));
    const group = objectOf((await admin.ask('POST', '/api/access/groups', { name: `Insider ${mark}` })).body);
    const at = `/api/access/groups/${String(group.id)}`;
    after(() => owner.must('DELETE', at));
    await admin.must('POST', '/api/access/grants', { subject: String(group.id), role: 'approver', reason });
    await refused('an admin joins a group that decides', admin, admin.ask('PUT', `${at}/members/${admin.id}`, {}), [
      'IDENTITY_GRANT_CONFLICT',
    ]);
    const operator = await insider('an operator', 'operator');
    const own = { subject: operator.id, role: 'approver', reason };
    await refused('an operator gives themselves anything', operator, operator.ask('POST', '/api/access/grants', own), FORBIDDEN);
  },
};

export const accomplice: Scenario = {
  name: 'accomplice',
  title: 'Makes an accomplice who may what they may not',
  async run({ owner, insider, refused, alerted, after, mark }) {
    const admin = await insider('an admin', 'admin');
    const added = await alerted(
      'an admin adds a person who decides',
      admin,
      admin.ask('POST', '/api/people', { name: `Insider test accomplice ${mark}`, roles: ['approver'] }),
      'powers_given',
    );
    const { id } = objectOf(added.body);
    after(() => owner.must('DELETE', `/api/people/${String(id)}`));
    const grant = (subject: string, role: string) => admin.ask('POST', '/api/access/grants', { subject, role, reason });
    await refused('an admin makes the accomplice an owner', admin, grant(String(id), 'owner'), ['IDENTITY_GRANT_OWNER_ONLY']);
    const friend = await insider('a friend', 'analyst');
    await alerted('an admin gives an analyst the rights to decide', admin, grant(friend.id, 'approver'), 'powers_given');
    const token = await alerted(
      'an admin opens provisioning for a directory of theirs',
      admin,
      admin.ask('POST', '/api/scim/token', {}),
      'way_in',
    );
    if (token.status < 400) after(() => owner.must('DELETE', '/api/scim'));
    const operator = await insider('an operator', 'operator');
    await refused('an operator adds a person', operator, operator.ask('POST', '/api/people', { name: 'Friend' }), FORBIDDEN);
    await refused('an operator opens provisioning', operator, operator.ask('POST', '/api/scim/token', {}), FORBIDDEN);
    await refused('an operator connects a company login', operator, operator.ask('PUT', '/api/federation/mine', {}), FORBIDDEN);
  },
};

export const otherPersonsSignIn: Scenario = {
  name: 'others-sign-in',
  title: 'Comes in as somebody else',
  async run({ insider, refused }) {
    const admin = await insider('an admin', 'admin');
    const security = await insider('a security officer', 'security');
    const mighty = await insider('a second owner', 'owner');
    await refused('an admin makes a link for a security officer', admin, admin.ask('POST', `/api/people/${security.id}/link`), [
      'IDENTITY_LINK_OWNER_ONLY',
    ]);
    await refused('an admin resets the sign-in of an owner', admin, admin.ask('POST', `/api/people/${mighty.id}/reset`, {}), [
      'IDENTITY_LINK_OWNER_ONLY',
      'IDENTITY_GRANT_OWNER_ONLY',
    ]);
    await refused('an admin removes an owner', admin, admin.ask('DELETE', `/api/people/${mighty.id}`), ['IDENTITY_GRANT_OWNER_ONLY']);
    const operator = await insider('an operator', 'operator');
    const { sessions } = await security.must('GET', '/api/sessions?of=everybody');
    const theirs = rowsOf(sessions).find(({ person }) => person === security.id);
    await refused(
      'an operator ends the session of who watches them',
      operator,
      operator.ask('DELETE', `/api/sessions/${String(theirs?.id)}`),
      ['CONTROL_ROLE_FORBIDDEN', 'CONTROL_NOT_FOUND'],
    );
  },
};

export const rightsBack: Scenario = {
  name: 'rights-back',
  title: 'Gets rights back that were taken away, as from an old backup',
  async run({ owner, insider, refused, after, mark }) {
    const operator = await insider('an operator', 'operator');
    await owner.must('PUT', `/api/access/roles/keeper_${mark}`, {
      meaning: 'Keeps backups.',
      actions: ['backups.view', 'backups.manage', 'restore.view'],
    });
    const keeper = await insider('who keeps the backups', `custom:keeper_${mark}`);
    after(() => owner.ask('DELETE', `/api/access/roles/keeper_${mark}`));
    await refused('who keeps backups makes one to go back to', keeper, keeper.ask('POST', '/api/backups', {}), [
      'CONTROL_INSTALLATION_ONLY',
    ]);
    await refused('and confirms a restore alone', keeper, keeper.ask('POST', '/api/restore/confirm', {}), [
      'CONTROL_INSTALLATION_ONLY',
      'CONTROL_ROLE_FORBIDDEN',
    ]);
    const { grants } = await owner.must('GET', `/api/access/grants?subject=${operator.id}`);
    const [grant] = rowsOf(grants);
    await operator.must('GET', '/api/workflows');
    await owner.must('DELETE', `/api/access/grants/${String(grant?.id)}`);
    await refused('their open session goes on with what it had', operator, operator.ask('GET', '/api/workflows'), FORBIDDEN);
    await refused(
      'they give themselves the grant again',
      operator,
      operator.ask('POST', '/api/access/grants', { subject: operator.id, role: 'operator', reason }),
      FORBIDDEN,
    );
    await refused(
      'they undo what narrowed it',
      operator,
      operator.ask('POST', `/api/least/proposals/${String(grant?.id)}/undo`, {}),
      FORBIDDEN,
    );
    const left = await owner.must('POST', '/api/people', { name: `Insider test who left ${mark}`, roles: ['operator'] });
    await owner.must('DELETE', `/api/people/${String(left.id)}`);
    const secret = String(left.link).split('#')[1] ?? '';
    await refused('a link from before they left lets them in', operator, operator.ask('POST', '/api/session', { secret }), [
      'IDENTITY_LINK_INVALID',
    ]);
  },
};
