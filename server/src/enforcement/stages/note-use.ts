// Counts what a call used of what its workload may reach, once it passed every check or was put before a person.

import { operationKey } from '#core';
import type { GuardDeps } from '../ports.ts';
import type { Identified, Labelled } from '../types.ts';
import { offeredTools } from './narrow.ts';

/** Tools of one request that are counted; more would be a list nobody could review. */
const MAX_TOOLS = 128;
/** What providers take as a function's name. Anything else is a caller's free text, and is not kept. */
const TOOL = /^[A-Za-z0-9_.-]{1,64}$/;

export function noteUse({ usage }: Pick<GuardDeps, 'usage'>, call: Identified & Partial<Pick<Labelled, 'matched'>>): void {
  const { tenant, workload, key } = call.principal;
  const { request } = call.received;
  usage.note(tenant, workload, 'key', key);
  usage.note(tenant, workload, 'integration', call.integration.name);
  if (request.kind === 'model') {
    usage.note(tenant, workload, 'model', request.model);
    noteTools({ usage }, call, 'tool_offered', offeredTools(request.body));
  } else if (call.matched != null)
    usage.note(tenant, workload, 'operation', operationKey(call.integration.name, call.matched.operation.name));
}

export function noteTools(
  { usage }: Pick<GuardDeps, 'usage'>,
  { principal }: Identified,
  kind: 'tool_offered' | 'tool_called',
  names: readonly string[],
): void {
  for (const name of new Set(names.slice(0, MAX_TOOLS))) if (TOOL.test(name)) usage.note(principal.tenant, principal.workload, kind, name);
}
