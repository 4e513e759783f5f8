// Codes of starting, stopping and configuring the server.

import type { CodeTable } from '#core';

export const mainCodes: CodeTable = {
  MAIN_USAGE: { kind: 'usage', status: 400, sentence: 'An option of a command is not valid; the message says which and what it may be.' },
  MAIN_NOT_SIGNED_IN: {
    kind: 'usage',
    status: 401,
    sentence: 'There is no running server with a readable command-line credential; start one with `sallyport up` as the same user.',
  },
  MAIN_SWEEP_FAILED: {
    kind: 'fault',
    status: 500,
    sentence: 'The sweep could not try or search everything, so it says nothing about what it did not see; the message names it.',
  },
  MAIN_CONFIG_INVALID: { kind: 'usage', status: 400, sentence: 'A setting is unknown or not valid; the message names it.' },
  MAIN_DEMO_APART: {
    kind: 'refusal',
    status: 409,
    sentence: 'The demo runs where one process serves everything; start a server without the setting `serve` to see it.',
  },
  MAIN_CONFIG_UNREADABLE: { kind: 'usage', status: 400, sentence: 'The configuration file can not be read.' },
  MAIN_NER_FILE: {
    kind: 'usage',
    status: 400,
    sentence:
      'A file of the model of names is missing, too large or not JSON; the message names it. A folder has model.onnx, tokenizer.json and config.json.',
  },
  MAIN_NER_RUNTIME: {
    kind: 'usage',
    status: 400,
    sentence:
      'A model of names is set and the package that runs it, onnxruntime-web, is not installed; the message says how to install it.',
  },
  MAIN_NER_MODEL: {
    kind: 'usage',
    status: 400,
    sentence:
      'The ONNX file of the model of names can not be used: it is damaged, of another operator set, or of other shapes than its tokenizer and labels say.',
  },
  MAIN_NER_LATE: {
    kind: 'fault',
    status: 503,
    sentence:
      'The model of names had not read a call in time, or there was more to read than it can; the setting nerRequired says whether the call goes on.',
  },
  MAIN_NER_GONE: {
    kind: 'fault',
    status: 503,
    sentence: 'The model of names ended and is opened again by itself; the setting nerRequired says whether calls go on without it.',
  },
  MAIN_PORT_TAKEN: { kind: 'fault', status: 500, sentence: 'Another program listens on that port; stop it or choose another port.' },
  MAIN_LISTEN_FAILED: { kind: 'fault', status: 500, sentence: 'The server could not listen on that address.' },
  MAIN_FOLDER_UNUSABLE: { kind: 'fault', status: 500, sentence: 'A folder can not be created or written; the message names it.' },
  MAIN_LISTEN_UNSAFE: {
    kind: 'usage',
    status: 400,
    sentence:
      'Listening beyond loopback without TLS is refused; set tlsCertFile and tlsKeyFile, put a TLS proxy in front, or pass --unsafe-listen-without-tls.',
  },
  MAIN_TLS_UNUSABLE: {
    kind: 'usage',
    status: 400,
    sentence:
      'The TLS certificate and key of the listeners can not be used: they must exist, belong together, be in their time, and the key be private.',
  },
  MAIN_VERIFIER_FAILED: {
    kind: 'fault',
    status: 500,
    sentence: 'The verifier gave no verdict; download the pack and run `sallyport verify` on it.',
  },
  MAIN_DEMO_TICKET_LOST: {
    kind: 'fault',
    status: 500,
    sentence: 'The demo shop could not deliver one of its tickets to the gateway; remove the demo and start it again.',
  },
  MAIN_CLOCK_SET_BACK: {
    kind: 'fault',
    status: 500,
    sentence:
      'The clock of this machine was set back, or is behind the ledger; let a time service set it. The ledger says from when to when.',
  },
  MAIN_CLOCK_SET_FORWARD: {
    kind: 'fault',
    status: 500,
    sentence: 'The clock of this machine jumped forward, or the machine slept; waits and expiries that lay in between are over.',
  },
  MAIN_CLOCKS_DIFFER: {
    kind: 'fault',
    status: 500,
    sentence: 'The clocks of this machine and of the database differ by more than five seconds; let a time service set both.',
  },
  MAIN_RESTORE_PENDING: {
    kind: 'fault',
    status: 503,
    sentence: 'This database was restored and nobody has confirmed it yet, so no call is taken; see `sallyport backup status`.',
  },
  MAIN_RESTORE_NOT_PENDING: { kind: 'usage', status: 409, sentence: 'No restored database waits for a confirmation.' },
  MAIN_RESTORE_SAME_PERSON: {
    kind: 'refusal',
    status: 409,
    sentence: 'You said yes to this restore already; another person, who was there before it, must.',
  },
  MAIN_RESTORE_SIGNATURE_REQUIRED: {
    kind: 'refusal',
    status: 403,
    sentence:
      'You have a passkey, so your yes is signed with it: confirm the restore under Settings, Backups in the console. Passkeys of another address do not work here; remove them with `sallyport passkeys remove`.',
  },
  MAIN_RESTORE_NEW_PERSON: {
    kind: 'refusal',
    status: 403,
    sentence: 'Only people who were in the restored database may confirm it; whoever was added since does not count.',
  },
  MAIN_BACKUP_FOLDER_UNSET: {
    kind: 'usage',
    status: 409,
    sentence: 'No backup folder is set; set backupFolder to a folder on another disk, outside data and secrets.',
  },
  MAIN_ERASURES_WAIT: {
    kind: 'fault',
    status: 500,
    sentence: 'Erasures wait for the end of their key epoch longer than keyEpochHours; older copies still open what was erased.',
  },
  MAIN_BACKUP_ELSEWHERE: {
    kind: 'usage',
    status: 409,
    sentence: 'This process has the database login of one part, which may not read every tenant; make backups where the owner’s login is.',
  },
  MAIN_SECRET_FILE_UNUSABLE: {
    kind: 'fault',
    status: 500,
    sentence: 'A secret file has the wrong owner, mode or content; the message names it.',
  },
};
