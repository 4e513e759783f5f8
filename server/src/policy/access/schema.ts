// The Cedar schema of the control plane, written from core's table of actions: an action that is not there can not be spoken of. Pure.

import { CONTROL_ACTIONS, factsOf } from '#core';

const KINDS = ['look', 'operate', 'approve', 'admin', 'security'] as const;

const ASKED = ['askedByHours', 'askedByNetwork', 'askedByCountry', 'askedByPosture', 'askedByTraining'] as const;

/** As it stands in `schema.cedarschema`, which is there to be read; a test compares the two. */
export function accessSchema(): string {
  const actions = CONTROL_ACTIONS.map((action) => {
    const { kind, stepUp } = factsOf(action);
    const groups = [kind, ...(stepUp === true ? ['fresh'] : [])].join(', ');
    return `  action "${action}" in [${groups}] appliesTo { principal: [Person], resource: [Thing], context: Request };`;
  });
  return `// Written from the table of actions in core/access-actions.ts by policy/access/schema.ts; change them there.
namespace Sallyport {
  entity Person {
    // The tenant they act in, and the one they belong to.
    tenant: String,
    home: String,
    isOwner: Bool,
    // Of the actions asked for, those a grant that holds now gives on this thing.
    can: Set<String>,
    // Every grant that counts came by a delegation of the tenant they act in.
    isDelegated: Bool,
  };
  // What is acted on: a workflow, an integration, or the tenant as a whole.
  entity Thing {
    tenant: String,
  };

  type Request = {
    action: String,
    // The local command line, whose credential is a file on the server.
    isLocal: Bool,
    hasPasskey: Bool,
    // A company login let them in by a password alone, and nothing stronger was shown since.
    isSingleFactor: Bool,
    // A passkey was used within the last five minutes.
    isFresh: Bool,
    isCrossTenant: Bool,
    isSolo: Bool,
    // none | raised | high
    risk: String,
    // inside | outside | unknown
    network: String,
    // Two letters, or unknown
    country: String,
    // Of the day where the tenant works, 0 to 23
    hour: Long,
    isFrozen: Bool,
    // What each condition of the tenant asks for now: nothing | step_up | refuse
${ASKED.map((name) => `    ${name}: String,`).join('\n')}
  };

  action ${[...KINDS, 'fresh'].join(', ')};

${actions.join('\n')}
}
`;
}
