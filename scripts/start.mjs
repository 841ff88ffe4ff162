// `npm start`: installs what is missing, builds the page, serves it and prints its address.
import { installPackages, root } from './install.mjs';

installPackages();
const { build, preview } = await import('vite');

await build({ root, logLevel: 'warn' });
await build({ root, logLevel: 'warn', mode: 'single' });
const server = await preview({
  root,
  preview: { port: Number(process.env['PORT'] ?? 4173), strictPort: false },
});

console.log(`Flowscope is at ${server.resolvedUrls?.local[0]} (stop it with Ctrl+C).`);
console.log('The same page as one file, for any disk or frame: dist/flowscope.html');
