// Words of Backups in the settings, and of a restore that waits to be confirmed.

export const backups = {
  title: 'Backups',
  lead: 'Encrypted copies of everything this installation knows, proved by restoring them into an empty database.',
  open: 'Backups and restore',
  create: 'Back up now',
  jobs: {
    running: {
      create: 'A backup is being made',
      verify: 'A backup is being verified',
      drill: 'A backup is being restored into a scratch database',
      delete: 'A backup is being deleted',
    },
    phases: {
      starting: 'starting',
      reading: 'reading a snapshot of everything',
      loading: 'loading into the scratch database',
      comparing: 'comparing rows and roots',
      verifying: 'opening and counting every part',
    } as Readonly<Record<string, string>>,
    rows: (rows: string) => `${rows} rows`,
    done: {
      create: 'The backup is made. Let it be proved by a drill.',
      verify: 'Every part of the backup is there, opens, and has the right content.',
      drill: 'Restored into a scratch database: rows and roots are the same.',
      delete: 'The backup is deleted.',
    },
    failed: {
      create: 'No backup was made.',
      verify: 'The backup did not hold.',
      drill: 'The drill did not hold.',
      delete: 'The backup was not deleted.',
    },
    interrupted: (count: number) =>
      count === 1 ? 'One backup that was cut off by a stop was removed.' : `${count} backups that were cut off by a stop were removed.`,
  },
  emptyTitle: 'No backup yet',
  emptyLead:
    'A backup holds the data of every tenant, encrypted, and the keys apart from them. Make the first one now, then let it be proved.',
  list: 'Backups, newest first',
  id: 'Backup',
  createdAt: 'Made',
  size: 'Size',
  events: 'Events',
  state: 'State',
  states: { running: 'Being made', complete: 'Complete', failed: 'Failed' } as Readonly<Record<string, string>>,
  verified: 'Verified',
  notVerified: 'Not yet',
  drill: 'Last drill',
  drillNone: 'Never tried',
  drillOk: 'Restored and compared',
  drillBad: 'Did not hold',
  actions: 'Prove it',
  nothing: '–',
  verify: 'Verify',
  verifyOf: (id: string) => `Verify ${id}`,
  tryIt: 'Drill',
  drillOf: (id: string) => `Drill: restore ${id} into a scratch database and compare`,
  noKeys: 'its keys are not beside it',
  schedule: {
    title: 'Schedule',
    none: 'No backup is made by itself. Name a folder and an interval in the settings of the server.',
    every: 'By itself',
    hours: (hours: number) =>
      hours === 0
        ? 'never'
        : hours === 1
          ? 'every hour'
          : hours === 24
            ? 'every day'
            : hours % 24 === 0
              ? `every ${hours / 24} days`
              : `every ${hours} hours`,
    drills: 'Drills',
    noDrills: 'none by themselves',
    keep: 'Kept',
    kept: (count: number) => (count === 1 ? 'the newest' : `the newest ${count}`),
    folder: 'Folder',
    lastDrill: 'Last drill',
    never: 'None yet',
    drillWhy:
      'A drill restores a backup into a scratch database and compares root hashes and rows. A backup that was never restored is a hope.',
  },
  how: {
    title: 'To restore',
    lead: 'A restore puts an earlier state in the place of what is. It is begun on the machine itself, never from a browser, and takes effect only when people confirm it here.',
    steps: [
      'Stop the server on the machine where it runs.',
      'Restore into an empty database. You need the backup and the key that was kept apart from it.',
      'Start the server. It runs no workflow and lets no call through until the restore is confirmed on this page.',
    ],
    command: 'sallyport backup restore BACKUP',
    effects:
      'A restore begins a new epoch of the log, ends every session, voids endorsements, parks runs, and carries out again what was erased since.',
  },
  restore: {
    title: 'A restore waits to be confirmed',
    confirmedTitle: 'The last restore was confirmed',
    lead: 'This installation was restored from a backup. Until it is confirmed, no workflow runs and nothing leaves.',
    backup: 'Backup',
    restoredAt: 'Restored',
    confirmedAt: 'Took effect',
    confirmedBy: 'Confirmed by',
    nobody: 'Nobody yet',
    needed: (left: number) => (left === 1 ? 'One more person must confirm.' : `${left} people must confirm.`),
    neededSolo: 'You are alone here: after you confirm, it takes effect after a delay in which it can still be stopped on the machine.',
    other: 'You have confirmed. Somebody else must confirm, too.',
    runsAt: (when: string) => `It takes effect ${when}.`,
    report: 'What the restore found',
    notKnown: 'not known',
    reportNames: {
      restoredSize: 'Signed lines in the backup',
      witnessedSize: 'Signed lines somebody outside has seen',
      restoredEpoch: 'Epoch of the backup',
      witnessedEpoch: 'Epoch somebody outside has seen',
      lostSealings: 'Signed lines that are gone',
      erasuresKnown: 'Erasures that are known',
      erasuresUnreadable: 'Records of erasures that could not be read',
      erasures: 'Erasures carried out again',
      sessions: 'Sessions ended',
      links: 'Sign-in links voided',
      approvals: 'Approvals voided',
      unknownApprovals: 'Approved calls of unknown outcome',
      runs: 'Runs stopped',
      unknownEffects: 'Effects of unknown outcome, in the Inbox',
      events: 'Events in your log',
    } as Readonly<Record<string, string>>,
    reportNone: 'The server gave no report.',
    confirm: 'Confirm the restore',
    confirmTitle: 'Confirm this restore?',
    confirmLead:
      'What happened after the backup is gone from this installation. What the shop knows of it stands in the report. This can not be undone.',
    confirmed: 'You have confirmed the restore.',
  },
} as const;
