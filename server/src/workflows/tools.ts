// The tools of an agent step in the form of the chat API. What an argument may be comes from the integration's manifest.

import { type ArgumentSpec, isEffectful, type JsonObject, type TenantId } from '#core';
import type { Catalogue } from '#enforcement';
import type { Tool } from './definition.ts';

export function toolsOf(
  catalogue: Pick<Catalogue, 'integration'>,
  tenant: TenantId,
  { tools, readsOnly }: { readonly tools: readonly Tool[]; readonly readsOnly: boolean },
): readonly JsonObject[] {
  return tools.flatMap((tool) => {
    const manifest = catalogue.integration(tenant, tool.integration)?.manifest;
    const operation = manifest?.operations.find((candidate) => candidate.name === tool.operation);
    if (operation === undefined || (readsOnly && isEffectful(operation.effect))) return [];
    const offered = operation.arguments.filter((argument) => tool.arguments?.includes(argument.name) ?? true);
    const parameters = {
      type: 'object',
      properties: Object.fromEntries(offered.map((argument) => [argument.name, parameterOf(argument)])),
      required: offered.filter((argument) => argument.required).map((argument) => argument.name),
      additionalProperties: false,
    };
    const description = isEffectful(operation.effect) ? tool.description : `${tool.description} Changes nothing.`;
    return [{ type: 'function', function: { name: tool.name, description, parameters } }];
  });
}

function parameterOf(argument: ArgumentSpec): JsonObject {
  return { type: argument.type, ...(argument.enumValues === null ? {} : { enum: argument.enumValues }) };
}
