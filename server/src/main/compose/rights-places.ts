// The places of this installation that may hold data of people, as governance looks at them: each room's own rows, opened by the vault.

import { changedApprovals, findApproval, tombstoneApprovals } from '#approvals';
import { type ApprovalId, isObject, type JsonValue, type PersonId, parseOwnJson, type RunId, type TenantId, type Tx } from '#core';
import { changedEffects, tombstoneEffects } from '#enforcement';
import type { Held, HeldPart, Place } from '#governance';
import { changedDeliveries, changedRuns, dropDeliveries, eraseHeldRuns, findRun, openRun, readDeliveries } from '#workflows';
import { systemClock } from '../world.ts';
import type { Rooms } from './rooms.ts';

type PlaceRooms = Pick<Rooms, 'vault' | 'guard' | 'effects' | 'federated'>;

export function rightsPlaces(rooms: PlaceRooms): readonly Place[] {
  return [knownValues(rooms), runs(rooms), approvals(rooms), effects(rooms), deliveries(), people(rooms)];
}

const runKey = (run: string): string => `run:${run}`;

/** What runs have read about people in structured records. A caller elsewhere names its runs itself; ours are told by their id. */
function knownValues({ vault, guard }: PlaceRooms): Place {
  return {
    name: 'known_values',
    // What a run of ours knows is in use until the run ends.
    changed: async (tx, tenant) => {
      const runs = new Map((await changedRuns(tx, tenant, 0)).map(({ ref, mark }) => [ref, mark.split(':', 1)[0]]));
      return (await vault.knownValues.changed(tx, tenant, 0)).map(({ ref, mark }) => ({ ref, mark: `${mark}:${runs.get(ref) ?? ''}` }));
    },
    open: async (tx, tenant, refs) => {
      const times = new Map((await vault.knownValues.changed(tx, tenant, 0)).map(({ ref, lastAtMs }) => [ref, lastAtMs]));
      const held: Held[] = [];
      for (const ref of refs) {
        const values = await vault.knownValues.read(tx, tenant, ref as RunId);
        const atMs = times.get(ref) ?? systemClock.now();
        const parts = [...Map.groupBy(values, ({ subject }) => subject)].map(
          ([owner, own]): HeldPart => ({
            owner,
            isRecord: true,
            content: own.map(({ type, value }) => ({ type, value })),
            values: own,
          }),
        );
        const run = ref.startsWith('run_') ? await findRun(tx, tenant, ref as RunId) : null;
        const endedAtMs = run === null ? atMs : run.finishedAtMs;
        held.push({ ref, mark: '', atMs, endedAtMs, purpose: run?.workflow ?? 'runs', runs: run === null ? [] : [ref], parts });
      }
      return held;
    },
    erase: async (tx, tenant, refs, subject) => {
      const keys: string[] = [];
      for (const ref of refs as readonly RunId[]) {
        const values = subject === null ? [] : await vault.knownValues.read(tx, tenant, ref);
        // What a run knows of others keeps their values out of its model calls; the person's own are gone with their key.
        if (values.some((value) => value.subject !== null && value.subject !== subject)) {
          await guard.runs.reread(tx, tenant, ref);
          continue;
        }
        await guard.runs.forget(tx, tenant, ref);
        // A run of ours is sealed under the same key, and has its own turn.
        if (!ref.startsWith('run_')) keys.push(...(await vault.eraseSubjects(tx, { tenant, subjects: [runKey(ref)] })));
      }
      return keys;
    },
  };
}

function runs({ vault }: PlaceRooms): Place {
  return {
    name: 'runs',
    changed: changedRuns,
    open: async (tx, tenant, refs) => {
      const held: Held[] = [];
      for (const ref of refs) {
        const run = await openRun(vault, tx, tenant, ref as RunId);
        if (run === null) continue;
        const { row, input, customer, journal, fault } = run;
        const steps = journal.map(({ step, phase, outcome, value }) => ({ step, phase, outcome, value }));
        const content: JsonValue = {
          workflow: row.workflow,
          state: row.state,
          input,
          customer: customer === null ? null : { ...customer },
          steps,
        };
        const parts = fault === null ? [{ owner: customer?.id ?? null, isRecord: false, content }] : [];
        const ended = { atMs: row.startedAtMs, endedAtMs: row.finishedAtMs };
        held.push({ ref, mark: '', ...ended, purpose: row.workflow, runs: [ref], parts });
      }
      return held;
    },
    erase: async (tx, tenant, refs) => {
      await eraseHeldRuns(tx, tenant, refs as readonly RunId[], systemClock.now());
      return vault.eraseSubjects(tx, { tenant, subjects: refs.map(runKey) });
    },
  };
}

/** One sealed text as JSON; null when it can not be opened any more. */
async function opened(
  { vault }: PlaceRooms,
  tx: Tx,
  { tenant, purpose, sealed }: { tenant: TenantId; purpose: string; sealed: Uint8Array | null },
): Promise<JsonValue> {
  const [plain = null] = sealed === null ? [] : await vault.openMany(tx, { tenant, purpose, sealed: [sealed] });
  if (plain === null) return null;
  const text = Buffer.from(plain).toString('utf8');
  try {
    return parseOwnJson(text) as JsonValue;
  } catch {
    return text;
  }
}

function approvals(rooms: PlaceRooms): Place {
  const { vault } = rooms;
  return {
    name: 'approvals',
    changed: changedApprovals,
    open: async (tx, tenant, refs) => {
      const held: Held[] = [];
      for (const ref of refs) {
        const row = await findApproval(tx, tenant, ref as ApprovalId);
        if (row === null) continue;
        const part = (purpose: string, sealed: Uint8Array | null): Promise<JsonValue> => opened(rooms, tx, { tenant, purpose, sealed });
        const context = await part('approval.context', row.sealedContext);
        const sealed = {
          sentence: await part('approval.sentence', row.sealedSentence),
          call: asked(await part('approval.call', row.sealedCall)),
          result: await part('approval.result', row.sealedResult),
        };
        const owner = isObject(context) && typeof context.customer === 'string' ? context.customer : null;
        const { state, integration, operation } = row;
        const isOpen = state === 'pending' || state === 'approved' || state === 'executing';
        // What deletes somebody elsewhere who was erased here is kept for that alone, and goes with its task.
        const isDeletion = row.evidence.erasure !== undefined;
        const isErased = isDeletion || (sealed.sentence === null && sealed.call === null && sealed.result === null);
        held.push({
          ref,
          mark: '',
          atMs: row.requestedAtMs,
          endedAtMs: isOpen ? null : (row.decidedAtMs ?? row.expiresAtMs),
          purpose: `${integration}.${operation}`,
          runs: row.run === null ? [ref] : [row.run, ref],
          parts: isErased ? [] : [{ owner, isRecord: false, content: { state, integration, operation, ...sealed } }],
        });
      }
      return held;
    },
    erase: async (tx, tenant, refs) => {
      const subjects: string[] = [];
      for (const ref of refs) {
        const row = await findApproval(tx, tenant, ref as ApprovalId);
        if (row !== null) subjects.push(`call:${row.call}`, `approval:${row.id}`);
      }
      await tombstoneApprovals(tx, tenant, refs, vault.tombstone());
      return vault.eraseSubjects(tx, { tenant, subjects });
    },
  };
}

/** What would be sent, without the credentials of who asked. */
function asked(call: JsonValue): JsonValue {
  if (!isObject(call)) return null;
  // A request to a model is stored as it came.
  if (call.kind === 'model') return { request: typeof call.request === 'string' ? (parseOwnJson(call.request) as JsonValue) : null };
  const { integration, method, path, query, body } = call;
  const content = typeof body === 'string' ? (parseOwnJson(body) as JsonValue) : (body ?? null);
  return { integration: integration ?? null, method: method ?? null, path: path ?? null, query: query ?? null, body: content };
}

function effects(rooms: PlaceRooms): Place {
  const { vault } = rooms;
  return {
    name: 'effects',
    changed: changedEffects,
    open: async (tx, tenant, refs) => {
      const held: Held[] = [];
      for (const ref of refs) {
        const row = await rooms.effects.find(tx, tenant, ref);
        if (row === null) continue;
        const { state, integration, operation, call } = row;
        const result = await opened(rooms, tx, { tenant, purpose: 'effect.result', sealed: row.result });
        const content = { state, integration, operation, call, result };
        const isOpen = state === 'sent' || state === 'unknown';
        const ended = { atMs: row.createdAtMs, endedAtMs: isOpen ? null : row.createdAtMs };
        const parts = result === null ? [] : [{ owner: null, isRecord: false, content }];
        held.push({ ref, mark: '', ...ended, purpose: `${integration}.${operation}`, runs: runsOf(ref, row.approval), parts });
      }
      return held;
    },
    erase: async (tx, tenant, refs) => {
      const subjects: string[] = [];
      for (const ref of refs) {
        const row = await rooms.effects.find(tx, tenant, ref);
        if (row !== null) subjects.push(`call:${row.call}`);
      }
      await tombstoneEffects(tx, tenant, refs, vault.tombstone());
      return vault.eraseSubjects(tx, { tenant, subjects });
    },
  };
}

/** An effect of a run of ours names it in its key; one that a person approved, the approval. */
function runsOf(key: string, approval: string | null): readonly string[] {
  const runs = [...key.matchAll(/run_[0-9a-f-]{36}/g)].map(([run]) => run);
  return approval === null ? runs : [...runs, approval];
}

/** A delivery keeps no body; it tells that an integration spoke of somebody, and when. */
function deliveries(): Place {
  return {
    name: 'deliveries',
    changed: changedDeliveries,
    open: async (tx, tenant, refs) =>
      (await readDeliveries(tx, tenant, refs)).map(({ ref, integration, runs: started, receivedAtMs }) => ({
        ref,
        mark: '',
        atMs: receivedAtMs,
        endedAtMs: receivedAtMs,
        purpose: integration,
        runs: started,
        parts: [{ owner: null, isRecord: false, content: { integration, runs: [...started] } }],
      })),
    erase: async (tx, tenant, refs) => {
      await dropDeliveries(tx, tenant, refs);
      return [];
    },
  };
}

/** Staff who came by a company login or provisioning. */
function people({ federated }: PlaceRooms): Place {
  const known = (tx: Tx, tenant: TenantId) => federated.profiles(tx, tenant);
  return {
    name: 'people',
    changed: async (tx, tenant) =>
      [...(await known(tx, tenant))].map(([ref, { name, user }]) => ({
        ref,
        mark: `${(name ?? '').length}:${JSON.stringify(user).length}`,
      })),
    open: async (tx, tenant, refs) => {
      const profiles = await known(tx, tenant);
      return (refs as readonly PersonId[]).flatMap((ref): Held[] => {
        const profile = profiles.get(ref);
        if (profile === undefined) return [];
        const content = { name: profile.name, user: profile.user };
        // In use while the person is a member of staff: no rule of time takes it.
        const ended = { atMs: systemClock.now(), endedAtMs: null };
        return [{ ref, mark: '', ...ended, purpose: 'staff', runs: [], parts: [{ owner: `person:${ref}`, isRecord: true, content }] }];
      });
    },
    erase: async (tx, tenant, refs) => {
      for (const person of refs as readonly PersonId[]) await federated.forget(tx, tenant, person);
      return [];
    },
  };
}
