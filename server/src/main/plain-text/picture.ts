// The picture of where plain text exists, from facts alone: every place that holds data and every way between, each with its state, what that
// is known by, and what is worse than it should be. Pure; nothing in it is fixed that a setting or a look could change.

import type { PlainTextWarning } from '#control';
import { CLEAR, type ClearWhy } from './columns.ts';
import type { BackupFacts, ColumnFacts, Facts, KeyFileFacts, SettingsFacts } from './facts.ts';
import { integrations, logins, ownCalls } from './outside.ts';
import { advice, built, count, fault, hop, type Picture, type Place, place, seen, set, WAYS } from './parts.ts';
import { consoleEntrance, type Detail, gatewayEntrance, isHere, type Judged, toPostgres } from './wires.ts';

/** The key file, from how it lies there. The doctor asks for this alone. */
export function keyFilePlace(file: KeyFileFacts): Judged {
  const { sealedBy } = file;
  const evidence: Detail[] = [
    seen(sealedBy === null ? 'the key file is not made yet' : `the key file is sealed by ${WAYS[sealedBy] ?? sealedBy}`),
    { by: 'setting', text: `it lies in ${file.folder}`, isOurs: true },
  ];
  const warnings: PlainTextWarning[] = [];
  const isClear = sealedBy === 'file';
  if (file.passphraseFile !== null && sealedBy === 'passphrase')
    evidence.push(set('its passphrase is read from a file or descriptor (passphraseFile)'));
  if (!file.isPrivate)
    warnings.push(fault('Others than the server’s user can read the key file or look into its folder: chmod 700 and 600.'));
  if (file.isInsideData) warnings.push(fault('The key file lies inside the data folder: a copy of the data carries its key.'));
  else if (isClear && file.isBesideData)
    warnings.push(
      advice(
        'The key file, in clear, and the data folder lie in one folder: a copy of that folder opens everything. Move it, or: sallyport keys seal',
      ),
    );
  if (file.isInsideBackups) warnings.push(fault('The key file lies inside the backup folder: a backup lies beside the key that opens it.'));
  else if (isClear && file.isOnDiskOfBackups)
    warnings.push(
      advice(
        'The key file, in clear, is on the same disk as the backups: whoever gets that disk opens them. Use another disk, or: sallyport keys seal',
      ),
    );
  return { state: isClear || sealedBy === null ? 'clear' : 'sealed', evidence, warnings };
}

const HOUR_MS = 3_600_000;

function keysPlace({ keyFile, keys, config }: Facts): Place {
  const file = keyFilePlace(keyFile);
  const { epoch, pending, tenantKeys, subjectKeys } = keys.status;
  const { own } = keys;
  const isLate = config.keyEpochHours > 0 && (keys.oldestWaitsMs ?? 0) > 2 * config.keyEpochHours * HOUR_MS;
  return place('keys', 'keys', {
    state: file.state,
    evidence: [
      ...file.evidence,
      built(
        'key file, with the epoch beside it: key of each tenant: key of each person, customer and run: key of each label of data: values (AES-256-GCM)',
      ),
      seen(`epoch ${epoch.current}${epoch.since === null ? '' : ` since ${epoch.since}`}; its key is in a file and never in the database`),
      seen(
        own.version === 0
          ? 'nothing was sealed for this tenant yet'
          : `this tenant: version ${own.version} of its key, ${count(own.olderVersions, 'older one', 'older ones')}, ${count(own.subjects, 'key', 'keys')} of people, customers and runs`,
      ),
      seen(
        own.waiting === 0
          ? 'no erasure of this tenant waits for its epoch to end'
          : `${count(own.waiting, 'erasure waits', 'erasures wait')} for the end of the epoch: until then old copies still open them`,
      ),
      {
        ...seen(
          `in all: ${count(tenantKeys.tenants, 'tenant', 'tenants')}, ${count(subjectKeys.all, 'key', 'keys')}, ${count(pending.erasures, 'erasure waits', 'erasures wait')}`,
        ),
        isOurs: true,
      },
      set(config.keyEpochHours === 0 ? 'epochs end when somebody asks' : `epochs end within ${config.keyEpochHours} hours of an erasure`),
    ],
    warnings: [
      ...file.warnings,
      ...(isLate ? [fault('Erasures wait longer than they should: look at sallyport keys status, then: sallyport keys epoch')] : []),
    ],
  });
}

function databasePlace(columns: ColumnFacts, isEmbedded: boolean): Place {
  const inClear = columns.inClear.map(({ why, columns: names }) => ({ why: CLEAR[why as ClearWhy] ?? why, columns: names }));
  return place('database', 'database', {
    state: columns.unlike.length > 0 ? 'clear' : 'sealed',
    evidence: [
      built('payloads, answers, credentials, known values, profiles and rows of datasets are sealed before they reach Postgres'),
      seen(`${columns.sealed} columns in ${columns.tables} tables are sealed, ${columns.wrapped} hold wrapped keys`),
      seen(
        columns.unlike.length > 0
          ? `values in ${columns.unlike.join(', ')} are not in the form of sealed ones`
          : `${count(columns.holding, 'sealed column holds', 'sealed columns hold')} values of this tenant: every one that was looked at is sealed`,
      ),
      seen(`${columns.references} columns hold ids, codes, times, counts and hashes`),
      built(isEmbedded ? 'its files belong to a user of their own' : 'its files are under whoever runs that Postgres'),
    ],
    warnings: [
      ...(columns.unlike.length > 0
        ? [fault(`Something that is not sealed stands where sealed values belong: ${columns.unlike.join(', ')}.`)]
        : []),
      ...(columns.unplaced.length > 0 ? [fault(`Nobody says what these columns hold: ${columns.unplaced.join(', ')}.`)] : []),
    ],
    inClear,
  });
}

function serverPlace({ machine, keyFile }: Facts): Place {
  const { swap, coreDumps } = machine;
  return place('server', 'server', {
    state: 'clear',
    evidence: [
      built('values are in clear in its memory while a call or a page needs them, and keys for as long as it runs'),
      ...(keyFile.sealedBy === null || keyFile.sealedBy === 'file' ? [] : [built('the opened key of the key file too, until it stops')]),
      ...(swap === null ? [] : [seen(swap ? 'this machine swaps memory to a disk' : 'this machine has no swap')]),
      ...(coreDumps === null
        ? []
        : [seen(coreDumps ? 'a crash may leave an image of its memory' : 'a crash leaves no image of its memory')]),
    ],
    warnings: [
      ...(swap === true ? [advice('Memory may be written to the swap of this machine: turn it off, or encrypt it.')] : []),
      ...(coreDumps === true ? [advice('A crash may write memory to a file: start the server with ulimit -c 0.')] : []),
    ],
  });
}

function backupsPlace(config: SettingsFacts, backups: BackupFacts): Place {
  if (config.backupFolder === null)
    return place('backups', 'backups', { state: 'absent', evidence: [set('none are made (backupFolder is not set)')], warnings: [] });
  return place('backups', 'backups', {
    state: 'sealed',
    evidence: [
      built('every chunk is sealed under a key of its part, which is wrapped under a key derived from the key file'),
      { by: 'setting', text: `they lie in ${config.backupFolder}`, isOurs: true },
      set(backups.keysApart ? 'their wrapped keys lie apart (backupKeysFolder)' : 'their wrapped keys lie beside them'),
      seen(`${count(backups.made, 'backup', 'backups')} there`),
    ],
    warnings: [
      ...(backups.isPrivate === false
        ? [advice('Others can look into the backup folder: what is in it is sealed, its names and sizes are not. chmod 700')]
        : []),
      ...(backups.copyFault === null
        ? []
        : [
            fault(
              `The copy of the key box beside the backups is not the newest (${backups.copyFault}): make that folder writable for the server.`,
            ),
          ]),
      ...(backups.otherCopies === 0
        ? []
        : [
            advice(
              `${count(backups.otherCopies, 'key box', 'key boxes')} of another installation with the same key file ${backups.otherCopies === 1 ? 'lies' : 'lie'} beside the backups: if that installation is gone, delete it, for it keeps open what was erased since.`,
            ),
          ]),
    ],
  });
}

function logsPlace({ config, logFields }: Facts): Place {
  return place('logs', 'logs', {
    state: 'nothing',
    evidence: [
      built(`${logFields} listed fields alone: codes, ids, counts, host names; no text of anybody`),
      set(`level ${config.logLevel}`),
    ],
    warnings: [],
  });
}

const KEPT_HERE: Judged = { state: 'clear_here', evidence: [built('files of this machine, written by the server alone')], warnings: [] };

function keyHop({ service, sealedBy }: KeyFileFacts): Judged {
  if (service === null) return KEPT_HERE;
  return { state: 'sealed', evidence: [seen(`opened by ${WAYS[sealedBy ?? ''] ?? 'a service'}`)], warnings: [] };
}

export function drawPicture(facts: Facts): Picture {
  const { config, database, backups, keyFile } = facts;
  const [reached, entry, own] = [integrations(facts.integrations), logins(facts.logins), ownCalls(facts)];
  const isHome = [config.publicUrl, config.gatewayPublicUrl].every((url) => url === null || isHere(new URL(url).hostname));
  return {
    places: [
      place('browser', 'browser', {
        state: 'clear_to_recipient',
        evidence: [
          built('a page shows values to whoever may see them, for as long as it is open; answers are not stored (Cache-Control: no-store)'),
          built('kept in the browser: choices of how it looks, and a key that can not be read out'),
          ...(isHome ? [set('for people at this machine')] : []),
        ],
        warnings: [],
      }),
      place('program', 'program', {
        state: 'clear_to_recipient',
        evidence: [built('a caller has what it sends, and gets back the values of its own customer')],
        warnings: [],
      }),
      serverPlace(facts),
      databasePlace(database.columns, database.isEmbedded),
      keysPlace(facts),
      backupsPlace(config, backups),
      logsPlace(facts),
      ...reached.places,
      ...entry.places,
      ...own.places,
    ],
    hops: [
      hop('browser', 'server', consoleEntrance(config)),
      hop('program', 'server', gatewayEntrance(config)),
      hop('server', 'database', toPostgres(config.databaseUrl, database.wire)),
      hop('server', 'keys', keyHop(keyFile)),
      ...(config.backupFolder === null
        ? []
        : [hop('server', 'backups', { state: 'sealed', evidence: [built('sealed before it is written')], warnings: [] })]),
      hop('server', 'logs', { state: 'nothing', evidence: [built('standard error of the server')], warnings: [] }),
      ...reached.hops,
      ...entry.hops,
      ...own.hops,
    ],
  };
}
