import { readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import ts from 'typescript';

/** What each file of `src` imports: files as paths in `src` without their ending, and packages. */
export type Imports = Readonly<Record<string, readonly string[]>>;

/** Rooms from the ground up. A file imports its own room and rooms on lower floors. */
const FLOORS: readonly (readonly string[])[] = [
  ['protocol'],
  ['view/host'],
  ['view/wording'],
  ['view/model'],
  ['view/elements'],
  ['view/pane', 'view/panels', 'view/saving', 'view/controls'],
  ['view/comparison'],
  ['view/explanation-view'],
  ['view/index'],
  ['widget'],
  ['lab'],
];

/** What those who live elsewhere may use of the view and of the widget. */
const DOORS: readonly string[] = [
  'view/index',
  'view/elements/dom',
  'view/model/scale',
  'view/wording/format',
  'view/wording/sentences',
  'widget/keeping',
];

/** Packages would come into every page that draws an explanation. */
const WITHOUT_PACKAGES: readonly string[] = ['protocol', 'view'];

/** What is wrong with how files import each other; nothing when all is well. */
export function faults(imports: Imports): string[] {
  const found = Object.entries(imports).flatMap(([file, used]) => [
    ...(floorOf(file) < 0 ? [`${file} stands in no room`] : []),
    ...used.flatMap((other) => faultOf(file, other, other in imports) ?? []),
  ]);
  const circle = circleIn(imports);
  return circle ? [...found, `a circle: ${circle.join(' -> ')}`] : found;
}

/** Read what the files in a folder import, for types only and in functions, too. */
export async function importsIn(folder: string): Promise<Imports> {
  const names = (await readdir(folder, { recursive: true }))
    .map((name) => name.replace(/\\/g, '/'))
    .filter((name) => name.endsWith('.ts'));
  const files = new Set(names.map((name) => name.replace(/\.ts$/, '')));
  const entries = [...files].sort().map(async (file): Promise<[string, string[]]> => {
    const text = await readFile(`${folder}/${file}.ts`, 'utf8');
    // Data import nothing.
    const code = ts.preProcessFile(text).importedFiles.filter((each) => !isData(each.fileName));
    const used = code.map(({ fileName }) => {
      if (!fileName.startsWith('.')) return fileName;
      const place = posix.join(posix.dirname(file), fileName);
      return files.has(place) ? place : `${place}/index`;
    });
    return [file, used];
  });
  return Object.fromEntries(await Promise.all(entries));
}

function isData(name: string): boolean {
  return name.endsWith('.json');
}

function faultOf(file: string, other: string, isFile: boolean): string | null {
  const [house = ''] = file.split('/');
  const arrow = `${file} -> ${other}`;
  if (!isFile) {
    return WITHOUT_PACKAGES.includes(house) ? `${arrow} is a package` : null;
  }
  if (roomOf(file) === roomOf(other)) return null;
  if (floorOf(other) >= floorOf(file)) return `${arrow} runs up or sideways`;
  const [there] = other.split('/');
  const shut = there !== house && there !== 'protocol' && !DOORS.includes(other);
  return shut ? `${arrow} comes in by no door` : null;
}

function roomOf(file: string): string {
  const parts = file.split('/');
  return parts.slice(0, parts[0] === 'view' ? 2 : 1).join('/');
}

function floorOf(file: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(roomOf(file)));
}

/** The first circle of files that import each other, if there is one. */
function circleIn(imports: Imports): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    path.push(file);
    for (const other of imports[file] ?? []) {
      const circle = visit(other);
      if (circle) return circle;
    }
    path.pop();
    done.add(file);
    return null;
  };
  for (const file of Object.keys(imports)) {
    const circle = visit(file);
    if (circle) return circle;
  }
  return null;
}
