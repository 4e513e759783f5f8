// Words of the part of a workflow's screen that says what it may reach.

export const segment = {
  title: 'May reach',
  lead: 'Worked out from the steps of this version. Everything else is refused, whoever holds the workflow’s key.',
  notEnforced: 'This version is not published, so nothing is called in its name yet.',
  integration: 'Integration',
  host: 'Host',
  noHost: 'no such integration now',
  credential: 'Credential',
  noCredential: 'none',
  reaches: 'Operations and models',
  dataClasses: 'Personal data in what it reads',
  nothing: 'It reaches nothing outside.',
} as const;
