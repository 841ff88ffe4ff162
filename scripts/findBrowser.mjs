// Finds a Chromium and a Firefox for the tests in a browser, and installs what is missing.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, firefox } from '@playwright/test';

/** No sandbox (the tests may run as root), no graphics card, and no calls home. */
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const chromiumCommands = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const chromiumPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const firefoxCommands = ['firefox-esr', 'firefox'];
const firefoxPlaces = [
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
];

/** Package managers and downloads may take so long in all, milliseconds. */
const LONGEST_INSTALL_MS = 200_000;

/**
 * @returns {string | undefined} the path of an installed Chromium or Chrome: the one that
 *   CHROMIUM_PATH names, else one on the PATH, else Playwright's own
 */
export function findBrowser() {
  return (
    process.env['CHROMIUM_PATH'] ||
    [...onPath(chromiumCommands), ...chromiumPlaces, chromium.executablePath()].find(isExecutable)
  );
}

/**
 * @returns {{ executablePath: string, channel?: string } | undefined} how Playwright launches a
 *   Firefox: the one that FIREFOX_PATH names, else one on the PATH, else Playwright's own. Only
 *   Playwright's own, which it has patched, is launched without a channel.
 */
export function findFirefox() {
  const named = process.env['FIREFOX_PATH'];
  if (named) return { executablePath: named, channel: 'moz-firefox' };
  const installed = [...onPath(firefoxCommands), ...firefoxPlaces]
    .filter(isExecutable)
    // Some systems have a command that only says how to install it.
    .find((path) => /Firefox/.test(outputOf(path, ['--version'])));
  if (installed) return { executablePath: installed, channel: 'moz-firefox' };
  const own = firefox.executablePath();
  return isExecutable(own) ? { executablePath: own } : undefined;
}

/**
 * Installs the browsers that are missing: by the system's package manager, else Playwright's own.
 * @returns {{ chromium: string | undefined, firefox: string | undefined }} their paths
 */
export function ensureBrowsers() {
  const endMs = Date.now() + LONGEST_INSTALL_MS;
  const wanted = missing();
  const isRoot = process.getuid?.() === 0;
  if (wanted.length > 0 && isRoot && existsSync('/usr/bin/apt-get')) {
    const apt = ['-q', '-o', 'DPkg::Lock::Timeout=60'];
    run(endMs, 'apt-get', [...apt, 'update']);
    for (const name of wanted) {
      const title = name === 'firefox' ? 'firefox-esr' : name;
      run(endMs, 'apt-get', [...apt, 'install', '-y', '--no-install-recommends', title]);
    }
  }
  for (const name of missing()) {
    run(endMs, 'npx', ['playwright', 'install', '--with-deps', name]);
    // Where the libraries need a password that nobody types, the browser may do without.
    if (missing().includes(name)) run(endMs, 'npx', ['playwright', 'install', name]);
  }
  return { chromium: findBrowser(), firefox: findFirefox()?.executablePath };
}

/** @returns {('chromium' | 'firefox')[]} */
function missing() {
  /** @type {('chromium' | 'firefox')[]} */
  const names = [];
  if (!findBrowser()) names.push('chromium');
  if (!findFirefox()) names.push('firefox');
  return names;
}

/** @param {number} endMs when it is stopped @param {string} command @param {string[]} args */
function run(endMs, command, args) {
  const timeout = endMs - Date.now();
  if (timeout <= 0) return;
  console.log(`${command} ${args.join(' ')}`);
  spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    shell: process.platform === 'win32',
    timeout,
  });
}

/** @param {string} command @param {string[]} args */
function outputOf(command, args) {
  const { stdout } = spawnSync(command, args, { encoding: 'utf8', timeout: 20_000 });
  return stdout ?? '';
}

/** @param {readonly string[]} commands */
function onPath(commands) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin'];
  return commands.flatMap((command) => folders.map((folder) => join(folder, command)));
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
