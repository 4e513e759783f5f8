// Workflows as people see them through the control plane: references, states and files; never the values of a run.

import type { ControlPorts, WorkflowDetails, WorkflowReview, WorkflowRunView, WorkflowVersionView } from '#control';
import { formatTime, isRefusal, type PersonPrincipal } from '#core';
import type { Registry, Runs } from '#workflows';
import type { Rooms } from './rooms.ts';
import { workflowReviews } from './workflow-review.ts';
import type { Workflows } from './workflows.ts';

type Version = Awaited<ReturnType<Registry['list']>>[number];
type Details = Exclude<Awaited<ReturnType<Registry['show']>>, { kind: 'deny' }>;
type Run = Awaited<ReturnType<Runs['list']>>[number];

export function workflowPorts(workflows: Workflows, rooms: Rooms): ControlPorts['workflows'] {
  const { registry, runs } = workflows;
  const { review, summaries, trail } = workflowReviews(workflows, rooms);
  const changed = async (person: PersonPrincipal, work: Promise<Awaited<ReturnType<Registry['approve']>>>) => {
    const version = await work;
    if (isRefusal(version)) return version;
    const samples = await workflows.samples.names(person.tenant);
    return versionView({ ...version, isPaused: false, isSample: samples.has(version.name) });
  };
  return {
    list: async (tenant) => (await registry.list(tenant)).map(versionView),
    summaries,
    trail,
    show: async (person, name, { hash, against }) => {
      const details = await registry.show(person.tenant, name, hash);
      return isRefusal(details) ? details : { ...detailsView(details), ...(await review(person, details, against)) };
    },
    importBundle: (person, files) => changed(person, registry.importBundle(person, files)),
    approve: (person, name, hash, assertion) => changed(person, registry.approve(person, name, hash, assertion)),
    signOptions: async (person, name, hash) => {
      const endorsable = await registry.approvable(person, name, hash);
      return isRefusal(endorsable) ? endorsable : { options: await rooms.identity.endorseOptions(person, endorsable) };
    },
    publish: (person, name, hash) => changed(person, registry.publish(person, name, hash)),
    retire: (person, name, hash) => changed(person, registry.retire(person, name, hash)),
    setPaused: async (person, name, paused) => {
      const set = await registry.setPaused(person, name, paused);
      return isRefusal(set) ? set : { name: set.name, paused: set.isPaused };
    },
    run: async (person, name, input) => {
      const run = await workflows.run(person, name, input);
      return isRefusal(run) ? run : runView(run);
    },
    runs: async (tenant) => (await runs.list(tenant)).map(runView),
    showRun: async (tenant, id) => {
      const shown = await runs.show(tenant, id);
      if (isRefusal(shown)) return shown;
      const phases = shown.phases.map(({ step, phase, outcome, code, approval, recordedAtMs }) => ({
        step,
        phase,
        outcome,
        code,
        approval,
        at: formatTime(recordedAtMs),
      }));
      return { ...runView(shown.run), phases };
    },
  };
}

function versionView(version: Version): WorkflowVersionView {
  return {
    name: version.name,
    hash: version.hash,
    state: version.state,
    paused: version.isPaused,
    importedAt: formatTime(version.importedAtMs),
    importedBy: version.importedBy,
    approvedAt: version.approvedAtMs === null ? null : formatTime(version.approvedAtMs),
    approvedBy: version.approvedBy,
    solo: version.isSolo,
    passkey: version.endorsed?.passkey ?? null,
    sample: version.isSample,
  };
}

function detailsView(details: Details): Omit<WorkflowDetails, keyof WorkflowReview> {
  const { definition, files } = details;
  return {
    ...versionView(details),
    definition:
      definition === null
        ? null
        : {
            owner: definition.owner,
            purpose: definition.purpose,
            integrations: [...new Set([...definition.operations.keys(), ...definition.models.values()])],
            operations: [...definition.operations].flatMap(([integration, names]) => [...names].map((name) => `${integration}/${name}`)),
            models: [...definition.models.keys()],
            customer:
              definition.customer === null
                ? null
                : `${definition.customer.read.integration}/${definition.customer.read.operation} ${definition.customer.id.join('.')} (${definition.customer.assurance})`,
            steps: definition.steps.map((step) => `${step.id} (${step.kind})`),
          },
    files,
  };
}

function runView(run: Run): WorkflowRunView {
  return {
    id: run.id,
    workflow: run.workflow,
    hash: run.hash,
    state: run.state,
    step: run.step,
    code: run.code,
    startedAt: formatTime(run.startedAtMs),
    finishedAt: run.finishedAtMs === null ? null : formatTime(run.finishedAtMs),
  };
}
