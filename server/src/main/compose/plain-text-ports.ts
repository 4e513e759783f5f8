// Where plain text exists, for the control plane. INVARIANT: hosts and folders of the installation are told to its own people alone.

import type { PlainTextPorts, PlainTextView, VisitPorts } from '#control';
import { formatTime } from '#core';
import { type GatherDeps, gatherFacts } from '../plain-text/gather.ts';
import { drawPicture } from '../plain-text/picture.ts';

export function plainTextPorts(deps: GatherDeps, { isOperator }: Pick<VisitPorts, 'isOperator'>): PlainTextPorts {
  return {
    show: async (person): Promise<PlainTextView> => {
      const { places, hops } = drawPicture(await gatherFacts(deps, person.tenant));
      const isOurs = isOperator(person);
      const told = <T extends { readonly evidence: (typeof places)[number]['evidence'] }>(one: T) => ({
        ...one,
        evidence: one.evidence.filter((part) => isOurs || part.isOurs !== true).map(({ by, text }) => ({ by, text })),
      });
      return { at: formatTime(deps.clock.now()), places: places.map(told), hops: hops.map(told) };
    },
  };
}
