// Events of planted values: what somebody planted, where one was found, and what the daily look over our own files saw. No value is in them.

import { type EventCatalogue, fact } from '#core';

const { count, flag, name, nullable, reference, time, word } = fact;

const CANARY = 'cny_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4';

export const canaryEvents: EventCatalogue = [
  {
    type: 'governance.canary.planted',
    meaning: 'A person planted invented values, to see from then on wherever they turn up.',
    facts: { canary: reference, kind: word, place: word, at: nullable(name), onLeak: word },
    example: { canary: CANARY, kind: 'person', place: 'integration', at: 'shop', onLeak: 'refuse' },
    privileged: true,
  },
  {
    type: 'governance.canary.changed',
    meaning: 'A person said at which integrations a planted value may also be.',
    facts: { canary: reference, knownAt: fact.listOf(name) },
    example: { canary: CANARY, knownAt: ['help-desk'] },
    privileged: true,
  },
  {
    type: 'governance.canary.retired',
    meaning: 'A person retired planted values: nothing watches for them any more, and they are forgotten.',
    facts: { canary: reference },
    example: { canary: CANARY },
    privileged: true,
  },
  {
    type: 'governance.canary.found',
    meaning:
      'A planted value was where it must not be: left in clear, came back from elsewhere, stood in another tenant’s traffic, lay in our own files, or was reported.',
    facts: { canary: reference, value: word, kind: word, way: word, at: nullable(name), refused: flag },
    example: { canary: CANARY, value: 'email', kind: 'left', way: 'model', at: 'openai', refused: true },
  },
  {
    type: 'governance.canary.crossed',
    meaning: 'A value that one tenant planted was in the traffic of another: for whoever runs the installation, who alone sees both.',
    facts: { canary: reference, owner: reference, by: reference, value: word, way: word },
    example: {
      canary: CANARY,
      owner: 'ten_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4',
      by: 'ten_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c5',
      value: 'email',
      way: 'model',
    },
  },
  {
    type: 'governance.canary.findings_closed',
    meaning: 'A person looked into what was found of a planted value and closed it; the reason is sealed.',
    facts: { canary: reference, findings: count },
    example: { canary: CANARY, findings: 2 },
    privileged: true,
  },
  {
    type: 'governance.canary.stale',
    meaning:
      'Planted values were not seen protected for as long as they should be: nothing reads the place any more, or the test tests nothing.',
    facts: { canary: reference, since: time },
    example: { canary: CANARY, since: '2026-01-01T00:00:00Z' },
  },
  {
    type: 'governance.self_scan.finished',
    meaning:
      'Everything the installation wrote was searched for credentials of its vault and for planted values: how many were looked for, how much was read, how many places held one, and what could not be read.',
    facts: { scan: reference, ok: flag, credentials: count, planted: count, bytes: count, found: count, unread: count, seconds: count },
    example: {
      scan: 'scn_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4',
      ok: true,
      credentials: 4,
      planted: 12,
      bytes: 104857600,
      found: 0,
      unread: 0,
      seconds: 41,
    },
  },
  {
    type: 'governance.self_scan.missed',
    meaning: 'The daily search of what the installation wrote did not run, or did not end, for longer than a day and a half.',
    facts: { since: nullable(time) },
    example: { since: '2026-01-01T00:00:00Z' },
  },
];
