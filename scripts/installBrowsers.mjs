// Its own process, because it needs packages that the caller may only just have installed.
import { ensureBrowsers } from './findBrowser.mjs';

const { chromium, firefox } = ensureBrowsers();
console.log(`Chromium: ${chromium ?? 'none; set CHROMIUM_PATH to a Chromium or Chrome'}`);
console.log(`Firefox: ${firefox ?? 'none; set FIREFOX_PATH to a Firefox'}`);
