// The order of the documentation site: every page of docs/ stands here once. A test compares it with the folder.

/** @type {readonly { readonly title: string, readonly pages: readonly string[] }[]} */
export const SECTIONS = [
  { title: 'Start', pages: ['quick-start', 'concepts', 'first-call', 'demo'] },
  { title: 'Use', pages: ['runs', 'workflows', 'approvals', 'integrations', 'callers', 'ledger', 'business'] },
  { title: 'Who may', pages: ['sign-in', 'access', 'redteam', 'access-context', 'workload-tokens', 'least-privilege', 'agency'] },
  {
    title: 'Understand',
    pages: [
      'protection',
      'personal-data',
      'data-map',
      'canaries',
      'datasets',
      'privacy-requests',
      'breaches',
      'assessments',
      'guarded-call',
      'glossary',
    ],
  },
  { title: 'Run', pages: ['operating', 'backup', 'keys', 'witness', 'configuration', 'dependencies'] },
  { title: 'Look up', pages: ['cli', 'error-codes', 'events', 'data-classes', 'workflow-schema', 'requirements', 'asvs', 'cryptography'] },
];
