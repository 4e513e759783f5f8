// What identity writes into the ledger: references and scopes, never a key, a link, a token or a name of a person.

import type { EventCatalogue } from '#core';

export const identityEvents: EventCatalogue = [
  { type: 'identity.tenant.created', meaning: 'A tenant was created, with its owner.' },
  { type: 'identity.workload.created', meaning: 'A workload was registered; its workflow and integrations are named.' },
  { type: 'identity.workload.changed', meaning: 'The integrations or the binding key of a workload were changed.' },
  { type: 'identity.workload.removed', meaning: 'A workload of sample data was removed with its keys; its earlier events stay.' },
  { type: 'identity.key.created', meaning: 'An API key of a workload was made; when it expires is named.' },
  { type: 'identity.key.revoked', meaning: 'An API key was revoked; no replica accepts it any more.' },
  { type: 'identity.person.added', meaning: 'The owner added a person; the role is named, the name is not.' },
  { type: 'identity.person.removed', meaning: 'A person was removed; their sessions ended and their links became void.' },
  { type: 'identity.hook.created', meaning: 'An integration may deliver signed events; its secret was made or stored.' },
  {
    type: 'identity.hook.rotated',
    meaning: 'The secret of an integration’s deliveries was replaced; the one before is good for 24 hours more.',
  },
  { type: 'identity.hook.removed', meaning: 'An integration may no longer deliver; its secrets were deleted.' },
  { type: 'identity.link.created', meaning: 'A sign-in link for a person was made; earlier unused ones became void.' },
  { type: 'identity.session.opened', meaning: 'A person signed in, or the local command line received its credential.' },
  { type: 'identity.session.closed', meaning: 'A session was ended before it expired.' },
];
