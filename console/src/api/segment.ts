// What a version of a workflow may reach, as the control plane derives it from the approved graph.

import { queryOptions } from '@tanstack/react-query';
import { api, queryOf } from './client.ts';

export interface SegmentStep {
  readonly id: string;
  readonly kind: string;
  readonly operations: readonly string[];
  readonly models: readonly string[];
  readonly hosts: readonly string[];
  readonly dataClasses: readonly string[];
}

export interface Segment {
  readonly name: string;
  readonly hash: string;
  readonly state: string;
  /** Calls outside of it are refused now. */
  readonly enforced: boolean;
  readonly integrations: readonly {
    readonly name: string;
    readonly kind: string | null;
    readonly host: string | null;
    readonly credential: string | null;
  }[];
  readonly operations: readonly string[];
  readonly models: readonly string[];
  readonly dataClasses: readonly string[];
  readonly steps: readonly SegmentStep[];
}

export const segmentQuery = (name: string, hash: string) =>
  queryOptions({
    queryKey: ['segment', name, hash],
    queryFn: () => api<Segment>('GET', `/api/workflows/${encodeURIComponent(name)}/segment${queryOf({ hash })}`),
  });
