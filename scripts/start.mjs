// `npm start`: installs what is missing, builds the page, serves it and prints its address.
import { spawnSync } from 'node:child_process';
import { installPackages, root } from './install.mjs';

installPackages();
const built = spawnSync('npm', ['run', 'build', '--silent', '--', '--logLevel', 'warn'], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (built.status !== 0) process.exit(built.status ?? 1);

const { preview } = await import('vite');
const server = await preview({
  root,
  preview: { port: Number(process.env['PORT'] ?? 4173), strictPort: false },
});
const address = server.resolvedUrls?.local[0] ?? '';
console.log(`Flowscope is at ${address} (stop it with Ctrl+C).`);
console.log(`The same page as one file, for any disk or frame: dist/flowscope.html`);
