// Events of flows: what somebody declared about where personal data goes, and what was found that nobody declared.

import { type EventCatalogue, fact } from '#core';

const { flag, listOf, name, nullable, word } = fact;

/** `EEA`, a country, `own` or `unknown`. */
const region = name;

export const flowEvents: EventCatalogue = [
  {
    type: 'governance.flow.found',
    meaning: 'Personal data went where nobody had declared that it goes: another destination, another region or another kind of data.',
    facts: { destination: name, region, dataClass: word, kind: word },
    example: { destination: 'help-desk', region: 'US', dataClass: 'email_address', kind: 'new_flow' },
  },
  {
    type: 'governance.transfer.refused',
    meaning:
      'Personal data would have left the region without a basis of transfer; the call was refused. Told once for each destination and kind of data.',
    facts: { destination: name, region, dataClass: word, kind: word },
    example: { destination: 'help-desk', region: 'US', dataClass: 'email_address', kind: 'transfer_refused' },
  },
  {
    type: 'governance.destination.declared',
    meaning: 'A person declared where an integration processes personal data, on which bases, and which kinds of data it receives.',
    facts: {
      destination: name,
      region,
      transferBasis: word,
      legalBasis: word,
      role: word,
      classes: listOf(word),
      uses: listOf(word),
    },
    example: {
      destination: 'help-desk',
      region: 'US',
      transferBasis: 'scc',
      legalBasis: 'contract',
      role: 'processor',
      classes: ['email_address'],
      uses: [],
    },
    privileged: true,
  },
  {
    type: 'governance.destination.withdrawn',
    meaning: 'A person took back what was declared about a destination.',
    facts: { destination: name },
    example: { destination: 'help-desk' },
    privileged: true,
  },
  {
    type: 'governance.profile.changed',
    meaning: 'A person said where the tenant is, and so whether transfers without a basis are refused.',
    facts: { region: nullable(region), enforced: flag },
    example: { region: 'EEA', enforced: true },
    privileged: true,
  },
];
