// Every event of every room: what the database lets into the log, and what the docs list.

import { approvalsEvents } from '#approvals';
import { auditEvents } from '#audit';
import { controlEvents } from '#control';
import { type EventCatalogue, joinCatalogues } from '#core';
import { enforcementEvents } from '#enforcement';
import { governanceEvents } from '#governance';
import { identityEvents } from '#identity';
import { monitoringEvents } from '#monitoring';
import { storageEvents } from '#storage';
import { vaultEvents } from '#vault';
import { workflowsEvents } from '#workflows';

/** By the room that owns them; a test finds one that was left out. */
export const eventsByRoom: Readonly<Record<string, EventCatalogue>> = {
  approvals: approvalsEvents,
  audit: auditEvents,
  control: controlEvents,
  enforcement: enforcementEvents,
  governance: governanceEvents,
  identity: identityEvents,
  monitoring: monitoringEvents,
  storage: storageEvents,
  vault: vaultEvents,
  workflows: workflowsEvents,
};

export const allEvents: EventCatalogue = joinCatalogues(eventsByRoom);
