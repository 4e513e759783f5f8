// Where personal data goes, and datasets, as the control plane tells them.

import { queryOptions } from '@tanstack/react-query';
import { api, upload } from './client.ts';

export interface Flow {
  readonly direction: 'in' | 'out';
  readonly destination: string;
  readonly vendor: string | null;
  readonly host: string;
  readonly region: string;
  readonly operation: string;
  readonly workflow: string | null;
  readonly dataClass: string;
  readonly handling: string;
  readonly legalBasis: string;
  readonly transferBasis: string;
  readonly retentionDays: number | null;
  readonly purpose: string | null;
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly finding: string | null;
}

export interface Finding {
  readonly kind: string;
  readonly destination: string;
  readonly region: string;
  readonly dataClass: string;
  readonly firstSeen: string;
}

export interface FlowMap {
  readonly profile: { readonly home: string | null; readonly region: string | null; readonly controller: string; readonly contact: string };
  readonly flows: readonly Flow[];
  readonly findings: readonly Finding[];
}

export interface Declaration {
  readonly vendor: string;
  readonly country: string;
  readonly role: string;
  readonly legalBasis: string;
  readonly transferBasis: string;
  readonly purpose: string;
  readonly retentionDays: number | null;
  readonly measures: string;
  readonly classes: readonly string[];
  readonly uses: readonly string[];
  readonly optOutField: string | null;
}

export interface Declared extends Declaration {
  readonly name: string;
  readonly host: string;
  readonly region: string;
  readonly holds: boolean;
}

export const flowsQuery = queryOptions({
  queryKey: ['flows'],
  queryFn: () => api<FlowMap>('GET', '/api/flows'),
  refetchInterval: 10_000,
});

export const destinationsQuery = queryOptions({
  queryKey: ['flows', 'destinations'],
  queryFn: () => api<{ readonly destinations: readonly Declared[] }>('GET', '/api/flows/destinations'),
});

export const declare = (name: string, declaration: Declaration): Promise<Declared> =>
  api('PUT', `/api/flows/destinations/${encodeURIComponent(name)}`, declaration);

export const setHome = (profile: {
  readonly home: string | null;
  readonly controller: string;
  readonly contact: string;
}): Promise<unknown> => api('PUT', '/api/flows/profile', profile);

export interface DatasetColumn {
  readonly name: string;
  readonly dataClass: string | null;
  readonly by: string;
  readonly shown: string;
}

export interface Dataset {
  readonly name: string;
  readonly version: number;
  readonly hash: string;
  readonly rows: number;
  readonly bytes: number;
  readonly source: string;
  readonly licence: string;
  readonly purpose: string;
  readonly subjectColumn: string | null;
  readonly columns: readonly DatasetColumn[];
  readonly importedAt: string;
  readonly importedBy: string;
  /** Card numbers and their codes that were in the file. */
  readonly cardsDropped: number;
  readonly codesDropped: number;
}

export interface RawWindow {
  readonly id: string;
  readonly name: string;
  readonly openedAt: string;
  readonly expiresAt: string;
  readonly endedAt: string | null;
  readonly open: boolean;
  readonly isMine: boolean;
}

export interface DatasetDetails extends Dataset {
  readonly versions: readonly {
    readonly version: number;
    readonly hash: string;
    readonly rows: number;
    readonly importedAt: string;
    readonly importedBy: string;
  }[];
  readonly grants: readonly {
    readonly id: string;
    readonly toName: string;
    readonly columns: readonly string[] | null;
    readonly filtered: boolean;
  }[];
  readonly raw: readonly RawWindow[];
}

export interface DatasetPage {
  readonly columns: readonly DatasetColumn[];
  readonly rows: readonly Readonly<Record<string, string>>[];
  readonly erased: number;
  readonly next: number | null;
  readonly expiresAt: string | null;
}

export const datasetsQuery = queryOptions({
  queryKey: ['datasets'],
  queryFn: () => api<{ readonly datasets: readonly Dataset[] }>('GET', '/api/datasets'),
});

export const datasetQuery = (name: string) =>
  queryOptions({ queryKey: ['dataset', name], queryFn: () => api<DatasetDetails>('GET', `/api/datasets/${encodeURIComponent(name)}`) });

const PREVIEW = 10;
export const previewQuery = (name: string) =>
  queryOptions({
    queryKey: ['dataset', name, 'preview'],
    queryFn: () => api<DatasetPage>('GET', `/api/datasets/${encodeURIComponent(name)}/rows?limit=${PREVIEW}`),
    staleTime: 60_000,
  });

/** Never kept in the query cache: it must be gone when its time is over. */
export const readRaw = (name: string): Promise<DatasetPage> =>
  api('GET', `/api/datasets/${encodeURIComponent(name)}/rows?limit=${PREVIEW}&raw=true`);

export const openRaw = (name: string, reason: string, minutes: number): Promise<{ readonly expiresAt: string }> =>
  api('POST', `/api/datasets/${encodeURIComponent(name)}/raw`, { reason, minutes });

export const endRaw = (name: string): Promise<unknown> => api('DELETE', `/api/datasets/${encodeURIComponent(name)}/raw`);

export const importDataset = (name: string, file: File, said: Readonly<Record<string, string>>): Promise<Dataset> => {
  const type = file.name.endsWith('.csv') ? 'text/csv' : 'application/x-ndjson';
  return upload(`/api/datasets/${encodeURIComponent(name)}/import?${new URLSearchParams(said)}`, type, file);
};

export interface RunningImport {
  readonly phase: 'reading' | 'sealing';
  readonly rows: number;
  readonly sealed: number;
}

/** How far an import of that name is; asked only while one runs. */
export const importingQuery = (name: string, isRunning: boolean) =>
  queryOptions({
    queryKey: ['dataset', name, 'importing'],
    queryFn: () => api<{ readonly imports: readonly RunningImport[] }>('GET', `/api/datasets/${encodeURIComponent(name)}/import`),
    enabled: isRunning,
    refetchInterval: 2_000,
    gcTime: 0,
  });
