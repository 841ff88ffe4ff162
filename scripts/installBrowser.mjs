import { ensureBrowser } from './findBrowser.mjs';

console.log(ensureBrowser());
