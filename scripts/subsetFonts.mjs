// Makes src/fonts/*.woff2 from the fonts as Adobe publishes them. Run by hand, only when a character
// is missing: `npm install --no-save source-serif@4.5.1 source-sans@3.52.0 source-code-pro@2.42.0`,
// then `npm run fonts`. The results are checked in, so no build and no test needs the originals.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
// @ts-expect-error: the package has no types
import subsetFont from 'subset-font';

const basicLatin = String.fromCodePoint(
  ...Array.from({ length: 0x7e - 0x20 + 1 }, (_, i) => 0x20 + i),
);
const furtherCharacters = '\u00a0·–—‘’“”…×÷±−≥≤≈≠→←↑↓▾▸µμ½¼¾²³ρλσ∞✓✕°§©éü\u202f\u2009';

// Digits of equal width for readouts that change, and the joins that running text needs.
const features = ['kern', 'liga', 'ccmp', 'locl', 'mark', 'tnum', 'lnum'];

/**
 * The licence reserves the name "Source" for the unchanged fonts, so each subset gets its own.
 * @type {{ file: string, from: string, family: string, style: string, axes: Record<string, number | { min: number, max: number }> }[]}
 */
const fonts = [
  {
    file: 'serif.woff2',
    from: 'source-serif/VAR/SourceSerif4Variable-Roman.ttf',
    family: 'FS Serif',
    style: 'Regular',
    axes: { wght: { min: 400, max: 700 }, opsz: 16 },
  },
  {
    file: 'serif-italic.woff2',
    from: 'source-serif/VAR/SourceSerif4Variable-Italic.ttf',
    family: 'FS Serif',
    style: 'Italic',
    axes: { wght: { min: 400, max: 650 }, opsz: 16 },
  },
  {
    file: 'sans.woff2',
    from: 'source-sans/VF/SourceSans3VF-Upright.ttf',
    family: 'FS Sans',
    style: 'Regular',
    axes: { wght: { min: 400, max: 700 } },
  },
  {
    file: 'mono.woff2',
    from: 'source-code-pro/VF/SourceCodeVF-Upright.ttf',
    family: 'FS Mono',
    style: 'Regular',
    axes: { wght: { min: 400, max: 700 } },
  },
];

const target = new URL('../src/fonts/', import.meta.url);
await mkdir(target, { recursive: true });
let totalBytes = 0;
for (const font of fonts) {
  const original = await readFile(new URL(`../node_modules/${font.from}`, import.meta.url));
  const subset = await subsetFont(original, basicLatin + furtherCharacters, {
    targetFormat: 'sfnt',
    variationAxes: font.axes,
    keepFeatures: features,
    noHinting: true,
    dropTables: ['STAT', 'DSIG', 'meta'],
  });
  const woff2 = await subsetFont(rename(subset, font.family, font.style), undefined, {
    targetFormat: 'woff2',
    keepAllGlyphs: true,
    noHinting: true,
  });
  await writeFile(new URL(font.file, target), woff2);
  totalBytes += woff2.length;
  console.log(`${font.file}: ${(woff2.length / 1024).toFixed(1)} KB`);
}
console.log(`together: ${(totalBytes / 1024).toFixed(1)} KB`);

/**
 * Replaces the family, full and PostScript names in an uncompressed font; keeps the copyright line.
 * @param {Buffer} sfnt
 * @param {string} family
 * @param {string} style
 */
function rename(sfnt, family, style) {
  const tableCount = sfnt.readUInt16BE(4);
  const tables = Array.from({ length: tableCount }, (_, index) => {
    const at = 12 + index * 16;
    const start = sfnt.readUInt32BE(at + 8);
    return {
      tag: sfnt.toString('latin1', at, at + 4),
      data: sfnt.subarray(start, start + sfnt.readUInt32BE(at + 12)),
    };
  });
  for (const table of tables) {
    if (table.tag === 'name') table.data = renamedTable(table.data, family, style);
  }
  const header = Buffer.alloc(12 + tableCount * 16);
  sfnt.copy(header, 0, 0, 12);
  /** @type {Buffer[]} */
  const parts = [header];
  let offset = header.length;
  tables.forEach((table, index) => {
    const at = 12 + index * 16;
    header.write(table.tag, at, 'latin1');
    header.writeUInt32BE(offset, at + 8);
    header.writeUInt32BE(table.data.length, at + 12);
    const padding = (4 - (table.data.length % 4)) % 4;
    parts.push(table.data, Buffer.alloc(padding));
    offset += table.data.length + padding;
  });
  return Buffer.concat(parts);
}

/**
 * @param {Buffer} table
 * @param {string} family
 * @param {string} style
 */
function renamedTable(table, family, style) {
  const postScriptName = `${family}-${style}`.replaceAll(' ', '');
  const names = new Map([
    [0, copyrightOf(table)],
    [1, family],
    [2, style],
    [3, `Flowscope subset;${postScriptName}`],
    [4, `${family} ${style}`],
    [6, postScriptName],
  ]);
  const texts = [...names].map(([id, text]) => ({
    id,
    text: Buffer.from(text, 'utf16le').swap16(),
  }));
  const header = Buffer.alloc(6 + texts.length * 12);
  header.writeUInt16BE(texts.length, 2);
  header.writeUInt16BE(header.length, 4);
  let offset = 0;
  texts.forEach(({ id, text }, index) => {
    [3, 1, 0x409, id, text.length, offset].forEach((value, field) =>
      header.writeUInt16BE(value, 6 + index * 12 + field * 2),
    );
    offset += text.length;
  });
  return Buffer.concat([header, ...texts.map(({ text }) => text)]);
}

/** @param {Buffer} table */
function copyrightOf(table) {
  const storage = table.readUInt16BE(4);
  for (let at = 6; at < storage; at += 12) {
    if (table.readUInt16BE(at) !== 3 || table.readUInt16BE(at + 6) !== 0) continue;
    const start = storage + table.readUInt16BE(at + 10);
    const text = Buffer.from(table.subarray(start, start + table.readUInt16BE(at + 8)));
    return text.swap16().toString('utf16le');
  }
  throw new Error('The font has no copyright line.');
}
