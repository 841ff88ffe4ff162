// Its own process, because it needs packages that the caller may only just have installed.
import { ensureBrowser } from './findBrowser.mjs';

console.log(`Browser: ${ensureBrowser()}`);
