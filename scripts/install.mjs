// Installs the packages of package-lock.json where they are missing or other than it says.
// Uses Node alone: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

export function installPackages() {
  if (isInstalled()) return;
  console.log('Installing packages …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  console.error('npm ci failed; see above.');
  process.exit(1);
}

/** Compares the lockfile with the note that npm leaves of what it has installed. */
function isInstalled() {
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  if (!wanted) throw new Error('package-lock.json is missing or not readable.');
  if (!installed) return false;
  return Object.entries(wanted).every(([path, { version, optional, extraneous }]) => {
    const found = installed[path];
    // npm leaves out optional packages for other machines, and extraneous ones.
    return path === '' || (found ? found.version === version : optional || extraneous);
  });
}

/**
 * @param {string} lockfile
 * @returns {Record<string, { version: string, optional?: boolean, extraneous?: boolean }> | undefined}
 */
function packagesOf(lockfile) {
  try {
    return JSON.parse(readFileSync(new URL(`../${lockfile}`, import.meta.url), 'utf8')).packages;
  } catch {
    return undefined;
  }
}
