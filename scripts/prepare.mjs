// Makes a fresh clone ready to run: installs, builds and prepares the control plane, each only when it is stale.
// Arguments go to the preparation of the control plane; with --executables there is none.
// Plain JavaScript without dependencies: on a fresh clone it runs on the system's Node, before anything is installed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const node24 = join(root, 'node_modules', '.bin', 'node');
const fromSource = '--conditions=konductor-source';

const onWait = (pid) => console.error(`konductor: process ${pid} is installing: waiting for it`);
// Two processes that install at once remove each other's files. The one that waited finds everything installed.
if (!isInstalled()) await withLock(root, { onWait }, async () => isInstalled() || (await install()));
await run(node24, [fromSource, 'scripts/build.ts', '--executables', '--if-stale']);
const arguments_ = process.argv.slice(2);
if (!arguments_.includes('--executables'))
  await run(node24, [fromSource, 'test/control-plane/binaries/prepare.ts', ...arguments_]);

/** Whether node_modules holds what package-lock.json says; npm notes there what it installed. */
function isInstalled() {
  const installed = packagesOf('node_modules/.package-lock.json');
  const locked = packagesOf('package-lock.json');
  if (!installed || !locked || !existsSync(node24)) return false;
  return Object.entries(locked).every(([path, wanted]) => {
    const found = installed[path];
    if (path === '' || (!found && wanted.optional)) return true;
    return found?.version === wanted.version && found?.resolved === wanted.resolved;
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

async function install() {
  console.error('konductor: installing packages (npm ci, under a minute) ...');
  const npm = process.env.npm_execpath;
  // Node 24, which some packages ask for, comes with this very install.
  const ci = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  await (npm ? run(process.execPath, [npm, ...ci]) : run('npm', ci));
  if (!existsSync(node24))
    fail('npm ci left no Node 24 in node_modules: allow the install script of the package "node" and run npm ci again');
}

async function run(command, arguments_) {
  const child = spawn(command, arguments_, { cwd: root, stdio: 'inherit' });
  const [status, signal] = await once(child, 'exit').catch(({ message }) =>
    fail(`${command} could not be started: ${message}`),
  );
  if (signal) fail(`${command} was ended by ${signal}`);
  if (status !== 0) process.exit(status);
}

function fail(message) {
  console.error(`konductor: ${message}`);
  process.exit(1);
}
