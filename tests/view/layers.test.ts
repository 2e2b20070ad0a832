import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faults, importsIn, type Imports } from './layers';

const WELL: Imports = {
  'protocol/explanation': [],
  'view/host': ['protocol/explanation'],
  'view/wording/sentences': ['view/host'],
  'view/model/drawing': ['view/wording/sentences'],
  'view/elements/dom': [],
  'view/elements/slider': ['view/elements/dom'],
  'view/pane/pane': ['view/model/drawing', 'view/elements/dom'],
  'view/panels/matrix': ['view/elements/dom'],
  'view/index': ['view/pane/pane', 'view/panels/matrix'],
  'widget/index': ['view/index', '@anywidget/types'],
  'lab/plugin': ['view/index', 'view/elements/dom', '@jupyterlab/application'],
};

const planted = (file: string, ...used: string[]): string[] =>
  faults({ ...WELL, [file]: [...(WELL[file] ?? []), ...used] });

test('all imports run down, between rooms and from file to file', async () => {
  assert.deepEqual(faults(await importsIn('src')), []);
});

test('no import is overlooked: of types, of a folder, behind the first lines, of a package', async () => {
  const imports = await importsIn('src');
  assert.ok(imports['view/explanation-view']?.includes('view/pane/pane'));
  assert.ok(imports['view/host']?.includes('protocol/explanation'));
  assert.ok(imports['protocol/comparison']?.includes('protocol/explanation'));
  assert.ok(imports['widget/state']?.includes('view/index'));
  assert.ok(imports['lab/plugin']?.includes('@jupyterlab/application'));
});

test('a planted arrow is seen', () => {
  assert.deepEqual(faults(WELL), []);
  for (const [file, other] of [
    ['view/wording/sentences', 'view/model/drawing'],
    ['view/model/drawing', 'view/elements/dom'],
    ['view/pane/pane', 'view/panels/matrix'],
    ['view/pane/pane', 'view/index'],
    ['protocol/explanation', 'view/host'],
    ['view/index', 'widget/index'],
    ['widget/index', 'lab/plugin'],
  ] as const) {
    const [first] = planted(file, other);
    assert.equal(first, `${file} -> ${other} runs up or sideways`);
  }
});

test('a wing has no door to the outside, and nothing of a package comes in', () => {
  assert.deepEqual(planted('lab/plugin', 'view/pane/pane'), [
    'lab/plugin -> view/pane/pane comes in by no door',
  ]);
  assert.deepEqual(planted('lab/plugin', 'widget/index'), [
    'lab/plugin -> widget/index comes in by no door',
  ]);
  assert.deepEqual(planted('view/pane/pane', '@lumino/widgets'), [
    'view/pane/pane -> @lumino/widgets is a package',
  ]);
});

test('a planted circle is named, within a room, too', () => {
  assert.deepEqual(planted('view/elements/dom', 'view/elements/slider'), [
    'a circle: view/elements/dom -> view/elements/slider -> view/elements/dom',
  ]);
});

test('a file that stands in no room is named', () => {
  assert.deepEqual(planted('view/loose'), ['view/loose stands in no room']);
  assert.deepEqual(planted('attic/old'), ['attic/old stands in no room']);
});
