// Privacy requests, holds and retention as the control plane asks for them.

import type { HoldViewOut, PrivacyPorts, PrivacyRequestDetails, PrivacyRequestView, PrivacyTaskView, RetentionOut } from '#control';
import {
  DATA_CLASS_NAMES,
  dataClassSpec,
  formatTime,
  isRefusal,
  type JsonObject,
  type PrivacyRequestId,
  type Refusal,
  refuse,
  type TenantId,
} from '#core';
import { exportPage, type HoldView, type RequestRow, type RetentionView, type TaskRow } from '#governance';
import { systemClock } from '../world.ts';
import type { OpenRights } from './rights.ts';
import type { Rooms } from './rooms.ts';

const DAY_MS = 24 * 60 * 60_000;
const iso = (at: Date | null): string | null => (at === null ? null : formatTime(at.getTime()));

export function privacyPorts(rooms: Pick<Rooms, 'ledger' | 'search'>, { rights, retention }: OpenRights): PrivacyPorts {
  const details = async (tenant: TenantId, id: PrivacyRequestId): Promise<PrivacyRequestDetails | null> => {
    const shown = await rights.requests.show(tenant, id);
    if (shown === null) return null;
    const tasks = await rights.tasks(tenant, id);
    return { ...toRequest(shown.row, tasks), subject: shown.subject, tasks: tasks.map(toTask) };
  };
  const after = async (refused: Refusal | null, tenant: TenantId, id: PrivacyRequestId): Promise<PrivacyRequestDetails | Refusal> =>
    refused ?? ((await details(tenant, id)) as PrivacyRequestDetails);

  return {
    privacy: {
      list: async (tenant) => {
        const tasks = Map.groupBy(await rights.tasks(tenant, null), ({ request }) => request);
        return (await rights.requests.list(tenant)).map((row) => toRequest(row, tasks.get(row.id) ?? []));
      },
      show: details,
      open: async (person, { kind, subject }) => {
        const opened = await rights.requests.open({ tenant: person.tenant, kind, subject, source: 'person', actor: person.person });
        return isRefusal(opened) ? opened : ((await details(person.tenant, opened.id)) as PrivacyRequestDetails);
      },
      verify: async (person, id, how) => after(await rights.requests.verify(person, id, how), person.tenant, id),
      refuse: async (person, id, why) => after(await rights.requests.refuse(person, id, why), person.tenant, id),
      export: (person, id) => rights.export(person, id),
      page: exportPage,
      erase: async (person, id, confirm) => {
        const shown = await rights.requests.show(person.tenant, id);
        // Of a whole shop there is no person to repeat.
        const named = shown?.row.kind === 'shop' ? id : shown?.subject;
        if (shown !== null && named !== confirm)
          return refuse('CONTROL_REQUEST_INVALID', 'An erasure can not be undone: `confirm` must repeat whom it is about.', {
            field: 'confirm',
          });
        const erased = await rights.erase(person, id);
        return isRefusal(erased) ? erased : { receipt: erased.receipt as unknown as JsonObject, digest: erased.digest };
      },
      receipt: async (tenant, id) => {
        const shown = await rights.requests.show(tenant, id);
        if (shown === null || shown.row.receipt === null) return null;
        const { receipt, receiptEvent } = shown.row;
        const page = await rooms.search.page(tenant, { subject: id, type: 'governance.person.' }, { before: null, limit: 20 });
        const event = page.events.find(({ entry }) => entry.id === receiptEvent);
        if (event === undefined) return null;
        const { leaf, ...proof } = await rooms.ledger.prove(tenant, event.seq);
        const tasks = (await rights.tasks(tenant, id)).map(({ vendor, operation, state, outcome }) => ({
          vendor,
          operation,
          state,
          outcome,
        }));
        return { receipt: receipt as JsonObject, event: { seq: event.seq, leaf, proof: proof as unknown as JsonObject }, tasks };
      },
      closeTask: async (person, id, note) => {
        const task = await rights.closeTask(person, id, note);
        return isRefusal(task) ? task : toTask(task);
      },
      againTask: async (person, id) => {
        const task = await rights.again(person, id);
        return isRefusal(task) ? task : toTask(task);
      },
      holds: async (tenant) => (await rights.holds.list(tenant)).map(toHold),
      hold: async (person, hold) => {
        const placed = await rights.holds.place(person, hold);
        return isRefusal(placed) ? placed : toHold(placed);
      },
      release: (person, id) => rights.holds.release(person, id),
    },
    retention: {
      show: async (tenant) => toRetention(await retention.show(tenant)),
      set: async (person, rule) => {
        const set = await retention.set(person, rule);
        return isRefusal(set) ? set : toRetention(set);
      },
      run: async ({ tenant, person }, isDry) => {
        const { receipt, digest } = await retention.run(tenant, { isDry, actor: person });
        return { receipt: receipt as unknown as JsonObject, digest };
      },
    },
  };
}

function toRequest(row: RequestRow, tasks: readonly TaskRow[]): PrivacyRequestView {
  const { id, kind, state, verifiedBy, verifiedHow, closedBy, reason } = row;
  const isOpen = state === 'received' || state === 'verified';
  const [by, integration] = row.source.split(':');
  return {
    ...{ id, kind, state, verifiedBy, verifiedHow, closedBy, reason },
    source: by === 'hook' ? (integration ?? '') : 'person',
    receivedAt: formatTime(row.receivedAt.getTime()),
    dueAt: formatTime(row.dueAt.getTime()),
    daysLeft: isOpen ? Math.floor((row.dueAt.getTime() - systemClock.now()) / DAY_MS) : null,
    verifiedAt: iso(row.verifiedAt),
    closedAt: iso(row.closedAt),
    hasReceipt: row.receipt !== null,
    openTasks: tasks.filter((task) => task.state === 'open').length,
  };
}

const toTask = ({ dueAt, closedAt, ...task }: TaskRow): PrivacyTaskView => ({
  ...task,
  dueAt: formatTime(dueAt.getTime()),
  closedAt: iso(closedAt),
});

function toHold({ subject, placedAt, until, releasedAt, ...hold }: HoldView): HoldViewOut {
  const isOver = releasedAt !== null || (until !== null && until.getTime() <= systemClock.now());
  return {
    ...hold,
    person: subject !== null,
    placedAt: formatTime(placedAt.getTime()),
    until: iso(until),
    releasedAt: iso(releasedAt),
    active: !isOver,
  };
}

function toRetention({ version, rules, places, runs, nextAtMs, staleSinceMs }: RetentionView): RetentionOut {
  return {
    version,
    places,
    classes: DATA_CLASS_NAMES.map((name) => ({
      dataClass: name,
      meaning: dataClassSpec(name).meaning,
      days: dataClassSpec(name).keepDays,
    })),
    rules: rules.map(({ setAt, ...rule }) => ({ ...rule, setAt: formatTime(setAt.getTime()) })),
    runs: runs.map(({ receipt }) => receipt as JsonObject),
    nextAt: nextAtMs === null ? null : formatTime(nextAtMs),
    staleSince: staleSinceMs === null ? null : formatTime(staleSinceMs),
  };
}
